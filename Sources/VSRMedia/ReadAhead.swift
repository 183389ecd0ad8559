import VSRCore

/// Reads a source on a separate thread, a few frames ahead, so that decoding overlaps with what
/// the frames are used for.
public final class ReadAhead: FrameSource {
    public let properties: VideoProperties
    public let log: ReadingLog?
    public let warnings: [String]
    private let queue: BoundedQueue<TimedPicture>
    private let thread: JoinableThread

    /// Starts at once; `source` must not be used by others from here on.
    ///
    /// - Parameter capacity: Frames that may wait; in whatever form the source holds them.
    public init(_ source: any FrameSource, capacity: Int = 4) {
        properties = source.properties
        log = source.log
        warnings = source.warnings
        let queue = BoundedQueue<TimedPicture>(capacity: capacity)
        let handed = HandedOver(value: source)
        self.queue = queue
        thread = JoinableThread(name: "read-ahead") {
            do {
                while let picture = try handed.value.nextPicture() {
                    guard queue.push(picture) else { return }
                }
                queue.close()
            } catch {
                queue.close(with: error)
            }
        }
    }

    public func next() throws -> TimedFrame? { try queue.pop()?.frame }

    public func nextPicture() throws -> TimedPicture? { try queue.pop() }

    /// Ends the thread; a frame in the making is finished first.
    deinit {
        queue.abandon()
        thread.join()
    }
}
