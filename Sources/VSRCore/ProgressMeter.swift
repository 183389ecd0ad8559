/// Rate and remaining time of one piece of work, from its reports.
struct ProgressMeter: Sendable {
    /// A line fits a terminal of 80 columns without wrapping, which would defeat its rewriting.
    static let columns = 79

    let label: String
    private let startTime: Double
    /// Steps already done at the first report: a resumed run's earlier work says nothing about
    /// this one's rate.
    private let startCount: Int

    init(_ update: ProgressUpdate, time: Double) {
        label = update.label
        startTime = time
        startCount = update.completed
    }

    /// `label 12/41 frames, 3.4/s, 0:09 left, detail`, at most ``columns`` wide.
    func line(_ update: ProgressUpdate, time: Double) -> String {
        let count = update.total.map { "\(update.completed)/\($0)" } ?? "\(update.completed)"
        var parts = ["\(label) \(count) \(update.unit)"]
        let elapsed = time - startTime
        let done = update.completed - startCount
        if elapsed > 0, done > 0 {
            let rate = Double(done) / elapsed
            parts.append(Self.rateText(rate))
            if let total = update.total {
                let remaining = Double(total - update.completed) / rate
                parts.append(
                    remaining > 0
                        ? "\(Self.durationText(remaining)) left"
                        : "done in \(Self.durationText(elapsed))")
            }
        }
        if !update.detail.isEmpty { parts.append(update.detail) }
        return String(parts.joined(separator: ", ").prefix(Self.columns))
    }

    /// Steps per second, or seconds per step where that reads better.
    static func rateText(_ rate: Double) -> String {
        rate >= 1 ? "\(oneDecimal(rate))/s" : "\(oneDecimal(1 / rate)) s each"
    }

    /// `0:09`, `12:34`, `1:02:03`; seconds rounded up, so that 0:00 means none left.
    static func durationText(_ seconds: Double) -> String {
        let whole = Int(min(seconds, 359_999).rounded(.up))
        let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60)
        let tail = rest < 10 ? "0\(rest)" : "\(rest)"
        if hours == 0 { return "\(minutes):\(tail)" }
        return "\(hours):\(minutes < 10 ? "0" : "")\(minutes):\(tail)"
    }

    private static func oneDecimal(_ value: Double) -> String {
        // At most a million steps per second or seconds per step; beyond that the digits say
        // nothing, and the integer conversion must not trap.
        let tenths = Int((min(value, 1e6) * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}
