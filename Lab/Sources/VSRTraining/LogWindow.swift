import Dispatch

/// The iterations between two lines of the log.
struct LogWindow {
    private var sums: [String: Double] = [:]
    private var count = 0
    private let start = DispatchTime.now().uptimeNanoseconds
    private let waitedBefore: Double

    /// - Parameter waited: Seconds waited for data so far.
    init(waited: Double) { waitedBefore = waited }

    mutating func add(_ values: [String: Double]) {
        count += 1
        for (key, value) in values { sums[key, default: 0] += value }
    }

    /// The window's means.
    ///
    /// - Parameter waited: Seconds waited for data in all.
    func record(
        iteration: Int, rate: Double, waited: Double, figures: [String: Double]
    ) -> LogRecord {
        let seconds = Double(DispatchTime.now().uptimeNanoseconds - start) * 1e-9
        return LogRecord(
            iteration: iteration, rate: rate,
            means: sums.mapValues { $0 / Double(max(count, 1)) },
            iterationsPerSecond: Double(count) / max(seconds, 1e-9),
            dataWaitShare: (waited - waitedBefore) / max(seconds, 1e-9), figures: figures)
    }
}

/// A line of the log.
struct LogRecord: Codable, Equatable {
    /// Updates done.
    var iteration: Int
    /// The first group's learning rate.
    var rate: Double
    /// Mean losses since the line before.
    var means: [String: Double]
    var iterationsPerSecond: Double
    /// Share of the time spent waiting for data.
    var dataWaitShare: Double
    /// The stage's own figures.
    var figures: [String: Double]
}
