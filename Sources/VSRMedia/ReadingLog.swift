import Synchronization
import VSRCore

/// What befell a reader on its way through a file, to be told while work goes on and at its end.
public struct ReadingEvent: Sendable, Codable, Equatable {
    public var kind: Kind
    /// Number of the frame, from 0, where it is one that is handed out.
    public var frame: Int?
    /// When the frame or packet would be shown, if known.
    public var seconds: Double?
    /// What else is known of it, in words.
    public var detail: String?

    public init(_ kind: Kind, frame: Int? = nil, seconds: Double? = nil, detail: String? = nil) {
        self.kind = kind
        self.frame = frame
        self.seconds = seconds
        self.detail = detail
    }

    public enum Kind: String, Sendable, Codable, CaseIterable {
        /// A frame that could not be decoded and is missing.
        case undecodable
        /// A frame that the decoder patched up from its neighbors, or that may be damaged.
        case repaired
        /// A part of the container that could not be read.
        case unreadable
        /// The file ends before it should.
        case cutOff
        /// A packet of another stream that was copied damaged.
        case copiedDamaged
        /// Frames before the first one that can be decoded by itself, as in recordings.
        case incomplete
        /// Frames have another size from here on and are scaled to the first.
        case resized
        /// The file's clock jumps, as where recordings were joined; times go on.
        case clockJump

        /// Whether the input is not what it should be.
        public var isDamage: Bool {
            switch self {
            case .undecodable, .repaired, .unreadable, .cutOff, .copiedDamaged: true
            case .incomplete, .resized, .clockJump: false
            }
        }
    }
}

/// How many events of each kind there were.
public struct ReadingReport: Sendable, Codable, Equatable {
    public var counts: [ReadingEvent.Kind: Int] = [:]
    /// The first ones, at most ``ReadingLog/kept``.
    public var events: [ReadingEvent] = []
    /// Whether reading ended at the first damage, as was asked.
    public var hasStopped = false

    public init() {}

    public var isDamaged: Bool { counts.contains { $0.key.isDamage && $0.value > 0 } }
}

/// Takes events from the thread that reads and is asked by others.
public final class ReadingLog: Sendable {
    /// Events that are kept one by one; beyond, they are counted.
    public static let kept = 1000

    private let state = Mutex(ReadingReport())

    public init() {}

    public var report: ReadingReport { state.withLock { $0 } }

    /// The kept events but for the first `count`.
    public func events(after count: Int) -> ArraySlice<ReadingEvent> {
        state.withLock { $0.events.dropFirst(count) }
    }

    func add(_ event: ReadingEvent) {
        state.withLock { report in
            report.counts[event.kind, default: 0] += 1
            if report.events.count < Self.kept { report.events.append(event) }
        }
    }

    func stop() { state.withLock { $0.hasStopped = true } }

    var isDamaged: Bool { state.withLock { $0.isDamaged } }
}
