/// Anything that turns a stream of low-resolution frames into high-resolution ones: the runtime's
/// executors, a Torch network in training, bicubic interpolation.
///
/// Evaluation knows only this.
public protocol Upscaling: AnyObject {
    /// Output pixels per input pixel along each axis.
    var scale: Int { get }

    /// Takes the clip's next frame and returns the output frames that became ready, in order.
    ///
    /// Online networks return one frame at once; bidirectional ones hold frames back.
    /// - Throws: `shapeMismatch` if the size differs from the clip's first frame.
    func push(_ frame: Frame) throws -> [Frame]

    /// Ends the clip: returns the frames still held back and forgets all state, so that the next
    /// `push` starts a new clip (of any size).
    func finish() throws -> [Frame]
}

extension Upscaling {
    /// Upscales a whole clip; as many frames come out as went in.
    public func upscale(clip: [Frame]) throws -> [Frame] {
        var output: [Frame] = []
        for frame in clip { output += try push(frame) }
        return try output + finish()
    }
}
