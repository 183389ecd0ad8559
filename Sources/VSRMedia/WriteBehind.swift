import VSRCore
import VSRImaging

/// Writes to a sink on a separate thread, so that encoding overlaps with what makes the frames.
///
/// An error of the sink shows at the next ``write(_:)`` or at ``finish()``.
public final class WriteBehind: FrameSink {
    public let blankPictures: BlankPictures?
    public let droppedStreams: [String]
    public let plan: StreamPlan?
    public let log: ReadingLog?
    public let holdsAlpha: Bool
    private let sink: HandedOver<any FrameSink>
    private let queue: BoundedQueue<Item>
    private let thread: JoinableThread
    public let keepsParts: Bool
    private var isOpen = true
    private var endsOthers = false

    /// Starts at once; `sink` must not be used by others from here on.
    ///
    /// - Parameter capacity: Frames that may wait; 1.5 bytes per pixel for an encoder, 12 in RGB.
    public init(_ sink: any FrameSink, capacity: Int = 4) {
        blankPictures = sink.blankPictures
        droppedStreams = sink.droppedStreams
        plan = sink.plan
        log = sink.log
        holdsAlpha = sink.holdsAlpha
        keepsParts = sink.keepsParts
        let queue = BoundedQueue<Item>(capacity: capacity)
        let handed = HandedOver(value: sink)
        self.sink = handed
        self.queue = queue
        thread = JoinableThread(name: "write-behind") {
            do {
                while let item = try queue.pop() {
                    switch item {
                    case .picture(let picture): try handed.value.write(picture)
                    case .partEnd(let place, let states):
                        try handed.value.endPart(at: place, states)
                    }
                }
            } catch {
                queue.abandon(with: error)
            }
        }
    }

    public func write(_ frame: TimedFrame) throws {
        try write(
            TimedPicture(
                .rgb(frame.frame), timestamp: frame.timestamp, duration: frame.duration,
                alpha: frame.alpha))
    }

    public func write(_ picture: TimedPicture) throws { try push(.picture(picture)) }

    public func endPart(at place: UnfinishedOutput.Place, _ states: CarriedStates) throws {
        try push(.partEnd(place, states))
    }

    private enum Item: Sendable {
        case picture(TimedPicture)
        case partEnd(UnfinishedOutput.Place, CarriedStates)
    }

    private func push(_ item: sending Item) throws {
        guard isOpen else {
            throw VSRError(.invalidArgument, "the output is finished: no more frames can be added")
        }
        guard queue.push(item) else {
            cancel()
            throw queue.error ?? VSRError(.cancelled, "writing was stopped")
        }
    }

    public func endOtherStreams() { endsOthers = true }

    /// Waits until all frames are written, then finishes the sink.
    public func finish() throws {
        guard isOpen else { return }
        isOpen = false
        queue.close()
        thread.join()
        if let error = queue.error {
            sink.value.cancel()
            throw error
        }
        if endsOthers { sink.value.endOtherStreams() }
        try sink.value.finish()
    }

    public func cancel() {
        guard isOpen else { return }
        isOpen = false
        queue.abandon()
        thread.join()
        sink.value.cancel()
    }

    deinit { cancel() }
}
