/// Makes subtitles that are shown one at a time of some that are shown together.
struct SubtitleFlattener {
    /// Lines of Advanced SubStation text, shown from `start` to `end`; milliseconds.
    struct Event: Equatable {
        var start: Int64
        /// `nil` where nothing says so: until the next one begins.
        var end: Int64?
        var lines: [String]
    }

    /// How long a last subtitle without an end is shown; milliseconds.
    static let usualDuration: Int64 = 5000

    private var active: [Event] = []
    /// Up to where all is handed out.
    private var cursor: Int64?

    /// Takes the next event in the order of starts; returns what is settled by it.
    mutating func add(_ event: Event) -> [Event] {
        guard event.end.map({ $0 > event.start }) ?? true else { return [] }
        for index in active.indices where active[index].end == nil {
            active[index].end = max(event.start, active[index].start)
        }
        let settled = advance(to: event.start)
        active.append(event)
        return settled
    }

    mutating func finish() -> [Event] {
        for index in active.indices where active[index].end == nil {
            active[index].end = active[index].start + Self.usualDuration
        }
        return advance(to: .max)
    }

    /// Hands out what is shown before `time`, a piece for each set of events.
    private mutating func advance(to time: Int64) -> [Event] {
        var pieces: [Event] = []
        var from = cursor ?? active.map(\.start).min() ?? time
        while from < time {
            active.removeAll { ($0.end ?? .max) <= from }
            guard !active.isEmpty else { break }
            let end = min(active.compactMap(\.end).min() ?? time, time)
            guard end > from else { break }
            pieces.append(Event(start: from, end: end, lines: [Self.joined(active)]))
            from = end
        }
        active.removeAll { ($0.end ?? .max) <= time }
        cursor = time
        return pieces
    }

    /// One line that shows those of all events, one below the other, each in its style.
    private static func joined(_ events: [Event]) -> String {
        let lines = events.flatMap(\.lines)
        guard let first = lines.first else { return "" }
        return lines.dropFirst().reduce(first) { text, line in
            // Order, layer, style, name, three margins, effect, text.
            let fields = line.split(separator: ",", maxSplits: 8, omittingEmptySubsequences: false)
            guard fields.count == 9 else { return text }
            return "\(text)\\N{\\r\(fields[2])}\(fields[8])"
        }
    }
}
