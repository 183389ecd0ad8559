import VSRCore

/// What upscales pictures as files hold them, without a detour through RGB frames of the caller's.
///
/// A picture is pushed, then those that became ready are pulled; after the last one the clip is
/// ended and those held back are pulled. `push` of a frame and `finish`, of `Upscaling`, do the
/// same and pull what is ready at once.
public protocol PictureUpscaling: Upscaling {
    /// Pictures that can be pulled now.
    var readyFrames: Int { get }

    /// Takes the clip's next picture; returns how many are ready, all of which are to be pulled
    /// before the next push.
    ///
    /// - Throws: `shapeMismatch` if the size differs from the clip's first picture.
    @discardableResult
    func push(_ picture: Picture) throws -> Int

    /// Ends the clip: returns how many held back pictures are ready to be pulled; `finish` pulls and
    /// returns them.
    @discardableResult
    func endClip() throws -> Int

    /// The next ready picture: `blank`, filled, or an RGB frame where that is `nil` or the upscaler
    /// makes RGB frames only.
    ///
    /// - Throws: `invalidArgument` if none is ready, `shapeMismatch` if `blank` has another size.
    func pull(filling blank: YUVPicture?) throws -> Picture
}
