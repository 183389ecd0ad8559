import VSRCore
import VSRModel

/// Frames of another sequence, upscaled by a model as they are asked for.
///
/// Each iteration has its own ``Upscaler``. The work is done by the task that iterates (and the
/// upscaler's threads); a cancelled task ends with `cancelled`.
public struct UpscaledFrames<Base: AsyncSequence>: AsyncSequence where Base.Element == Frame {
    public typealias Element = Frame

    let base: Base
    let model: Model
    let options: UpscalerOptions

    public func makeAsyncIterator() -> Iterator {
        Iterator(base: base.makeAsyncIterator(), model: model, options: options)
    }

    public struct Iterator: AsyncIteratorProtocol {
        var base: Base.AsyncIterator
        let model: Model
        let options: UpscalerOptions
        private var upscaler: Upscaler?
        private var isEnding = false

        init(base: Base.AsyncIterator, model: Model, options: UpscalerOptions) {
            self.base = base
            self.model = model
            self.options = options
        }

        /// The next high-resolution frame.
        ///
        /// - Throws: What ``Upscaler`` and the other sequence throw.
        public mutating func next() async throws -> Frame? {
            let upscaler = try self.upscaler ?? Upscaler(model: model, options: options)
            self.upscaler = upscaler
            while upscaler.readyFrames == 0 {
                if Task.isCancelled { throw VSRError(.cancelled, "the task was cancelled") }
                if isEnding { return nil }
                if let frame = try await base.next() {
                    try upscaler.push(.rgb(frame))
                } else {
                    isEnding = true
                    try upscaler.endClip()
                }
            }
            return try upscaler.pullFrame()
        }
    }
}

extension AsyncSequence where Element == Frame {
    /// These frames upscaled by `model`: as many come out, in the same order.
    public func upscaled(
        by model: Model, options: UpscalerOptions = UpscalerOptions()
    ) -> UpscaledFrames<Self> {
        UpscaledFrames(base: self, model: model, options: options)
    }
}
