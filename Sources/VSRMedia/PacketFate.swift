/// Which packets became frames; the others are lost where the decoder reported errors.
struct PacketFate {
    private var waiting: [Int64] = []
    private var failures = 0

    mutating func sent(_ time: Int64) {
        guard time != LibAV.noTimestamp else { return }
        let place = waiting.firstIndex { $0 > time } ?? waiting.endIndex
        waiting.insert(time, at: place)
        // Fields and hidden frames never come out.
        if waiting.count > 256 { waiting.removeFirst() }
    }

    mutating func failed() { failures += 1 }

    mutating func forget() { waiting = [] }

    /// A frame came out; returns the times of those before it that did not, as many as failed.
    mutating func decoded(_ time: Int64) -> [Int64?] {
        let earlier = time == LibAV.noTimestamp ? [] : waiting.filter { $0 < time }
        waiting.removeAll { time != LibAV.noTimestamp && $0 <= time }
        let lost = earlier.suffix(failures)
        failures -= lost.count
        return Array(lost)
    }

    /// What failed and has no frame; `nil` where its time is not known.
    mutating func finish() -> [Int64?] {
        let known: [Int64?] = waiting.suffix(failures).map { $0 }
        let lost = known + Array(repeating: nil, count: failures - known.count)
        failures = 0
        waiting = []
        return lost
    }
}
