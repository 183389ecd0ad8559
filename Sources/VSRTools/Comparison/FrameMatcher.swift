import VSRCore
import VSRImaging
import VSRMedia

/// How frames of several videos find each other.
public enum FrameMatching: String, Sendable, Codable, CaseIterable {
    /// Those shown at the same time, counted from each video's first frame.
    case time
    /// First to first, second to second.
    case order
}

/// Hands out the frames of several sources that belong together; no more than one of each is held.
final class FrameMatcher {
    /// Frames that belong together.
    struct Match {
        /// Seconds since the first frame; by order, the frame's number.
        var time: Double
        /// The frames' numbers in their sources, from 0.
        var numbers: [Int]
        var pictures: [TimedPicture]
    }

    let matching: FrameMatching
    /// Frames of each source without a partner.
    private(set) var dropped: [Int]
    /// Seconds by which stamps of frames that belong together may differ.
    let tolerance: Double

    private let sources: [any FrameSource]
    private var waiting: [(picture: TimedPicture, time: Double, number: Int)?]
    private var counts: [Int]
    private var starts: [Double?]
    private var isOver = false

    /// - Parameter matching: By time where all are videos if left out, else by order.
    init(_ sources: [any FrameSource], matching: FrameMatching? = nil) {
        self.sources = sources
        let haveTimes = sources.allSatisfy { $0.properties.path != nil }
        self.matching = matching ?? (haveTimes ? .time : .order)
        let intervals = sources.compactMap { source -> Double? in
            guard let rate = source.properties.frameRate, rate.isPositive else { return nil }
            return 1 / rate.value
        }
        // Containers round stamps, to a millisecond for example.
        tolerance = (intervals.min() ?? 0.04) / 4
        dropped = sources.map { _ in 0 }
        waiting = sources.map { _ in nil }
        counts = dropped
        starts = sources.map { _ in nil }
    }

    /// The next frames that belong together; `nil` after the last, when all sources are read out.
    ///
    /// - Throws: What reading throws.
    func next() throws -> Match? {
        guard !isOver else { return nil }
        while true {
            for index in sources.indices where waiting[index] == nil {
                waiting[index] = try read(index)
            }
            let ready = waiting.compactMap { $0 }
            guard ready.count == sources.count, let latest = ready.map(\.time).max() else {
                try end()
                return nil
            }
            let late = sources.indices.filter { ready[$0].time < latest - tolerance }
            guard late.isEmpty else {
                for index in late {
                    dropped[index] += 1
                    waiting[index] = nil
                }
                continue
            }
            waiting = sources.map { _ in nil }
            return Match(
                time: ready[0].time, numbers: ready.map(\.number), pictures: ready.map(\.picture))
        }
    }

    private func read(_ index: Int) throws -> (TimedPicture, Double, Int)? {
        guard let picture = try sources[index].nextPicture() else { return nil }
        let number = counts[index]
        counts[index] += 1
        guard matching == .time else { return (picture, Double(number), number) }
        let stamp = Double(picture.timestamp) * sources[index].properties.timeBase.value
        let start = starts[index] ?? stamp
        starts[index] = start
        return (picture, stamp - start, number)
    }

    /// Counts what is left where one source has ended.
    private func end() throws {
        isOver = true
        for index in sources.indices {
            if waiting[index] != nil { dropped[index] += 1 }
            while try sources[index].nextPicture() != nil { dropped[index] += 1 }
        }
    }
}
