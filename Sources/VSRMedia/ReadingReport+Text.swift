import VSRCore

extension ReadingEvent {
    /// A sentence for people, without the file's name.
    public var text: String {
        let place = [frame.map { "frame \($0)" }, seconds.map { "\(StreamPlan.seconds($0)) s" }]
            .compactMap { $0 }.joined(separator: " at ")
        let note = detail.map { " (\($0))" } ?? ""
        switch kind {
        case .undecodable: return "a frame cannot be decoded and is missing\(at(place))\(note)"
        case .repaired: return "\(place.isEmpty ? "a frame" : place) is damaged\(note)"
        case .unreadable: return "a part of the file cannot be read\(at(place))\(note)"
        case .cutOff: return "the file is cut off\(at(place))\(note)"
        case .copiedDamaged: return "a packet is damaged and copied as it is\(at(place))\(note)"
        case .incomplete: return "frames before the first whole one are left out\(note)"
        case .resized: return "from \(place) on\(note)"
        case .clockJump: return "the clock jumps\(at(place))\(note): times go on"
        }
    }

    private func at(_ place: String) -> String {
        place.isEmpty ? "" : frame == nil ? " at \(place)" : " after \(place)"
    }
}

extension ReadingReport {
    /// How many of each kind of damage, `2 frames missing, 1 frame damaged`; empty without damage.
    public var damageText: String {
        var parts: [String] = []
        func add(_ kind: ReadingEvent.Kind, _ text: (Int) -> String) {
            if let count = counts[kind], count > 0 { parts.append(text(count)) }
        }
        add(.undecodable) { "\($0.counted("frame")) missing" }
        add(.repaired) { "\($0.counted("frame")) damaged" }
        add(.unreadable) { "\($0.counted("part")) unreadable" }
        add(.copiedDamaged) { "\($0.counted("copied packet")) damaged" }
        add(.cutOff) { _ in "cut off" }
        if hasStopped { parts.append("stopped there") }
        return parts.joined(separator: ", ")
    }

    /// Without the events that are not wanted.
    public func filtered(_ isWanted: (ReadingEvent) -> Bool) -> ReadingReport {
        var filtered = self
        filtered.events = events.filter(isWanted)
        for event in events where !isWanted(event) { filtered.counts[event.kind, default: 0] -= 1 }
        filtered.counts = filtered.counts.filter { $0.value > 0 }
        return filtered
    }

    /// Both reports in one.
    public func merged(with other: ReadingReport) -> ReadingReport {
        var merged = self
        merged.counts.merge(other.counts) { $0 + $1 }
        merged.events += other.events
        merged.hasStopped = hasStopped || other.hasStopped
        return merged
    }
}
