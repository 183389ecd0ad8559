import VSRCore

/// Reads a source on a separate thread, a few frames ahead, so that decoding overlaps with what
/// the frames are used for.
public final class ReadAhead: FrameSource {
    public let properties: VideoProperties
    public let log: ReadingLog?
    public let warnings: [String]
    private let queue: BoundedQueue<TimedPicture>
    private let thread: JoinableThread
    private let source: HandedOver<any FrameSource>

    /// Starts at once; `source` must not be used by others from here on.
    ///
    /// - Parameters:
    ///   - capacity: Frames that may wait; in whatever form the source holds them.
    ///   - limit: Frames that are read at most.
    public init(_ source: any FrameSource, capacity: Int = 4, limit: Int = .max) {
        properties = source.properties
        log = source.log
        warnings = source.warnings
        let queue = BoundedQueue<TimedPicture>(capacity: capacity)
        let handed = HandedOver(value: source)
        self.queue = queue
        self.source = handed
        thread = JoinableThread(name: "read-ahead") {
            do {
                var count = 0
                while count < limit, let picture = try handed.value.nextPicture() {
                    guard queue.push(picture) else { return }
                    count += 1
                }
                queue.close()
            } catch {
                queue.close(with: error)
            }
        }
    }

    public func next() throws -> TimedFrame? { try queue.pop()?.frame }

    public func nextPicture() throws -> TimedPicture? { try queue.pop() }

    public func stop() { source.value.stop() }

    /// Ends the thread; a frame in the making is finished first, one that a pipe holds back is not.
    deinit {
        queue.abandon()
        stop()
        thread.join()
    }
}
