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

    /// Takes the memory for clips of frames of a size, after which `clipWindow` is final.
    ///
    /// - Throws: `outOfMemory`, `shapeMismatch` for sizes that the network does not take.
    func prepare(for size: FrameSize) throws

    /// What frames to come depend on besides the pictures that were pushed: with them, another
    /// upscaler of the same kind goes on as this one would, bit for bit.
    ///
    /// - Returns: `nil` where that cannot be told at this place: while pictures are ready, and in the
    ///   middle of what is computed as a whole.
    func carriedStates() throws -> CarriedStates?

    /// From here on pictures are pushed and pulled as they were once, but not computed: those that
    /// come out hold anything.
    func beginReplay()

    /// Ends a replay at the place where `states` were taken: from here on all is as it was there.
    ///
    /// - Throws: `invalidArgument`, `corruptData` where they do not fit.
    func endReplay(with states: CarriedStates) throws
}

extension PictureUpscaling {
    public func prepare(for size: FrameSize) throws {}
}

/// States of a network that are carried from frame to frame: each by a name of the upscaler's.
public struct CarriedStates: Sendable, Equatable {
    /// Planes one after another.
    public var planes: [String: [Float]] = [:]

    public init() {}
}
