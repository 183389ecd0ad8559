import Foundation

/// What many frames' figures of one kind come to.
public struct FigureStatistics: Sendable, Codable, Equatable {
    public var mean: Double
    public var minimum: Double
    /// The smallest value that at least one percent of the frames do not exceed.
    public var percentile1: Double
    public var percentile5: Double
    public var median: Double
    public var percentile95: Double

    /// - Parameter values: At least one.
    init(_ values: [Double]) {
        let sorted = values.sorted()
        /// By nearest rank.
        func percentile(_ percent: Double) -> Double {
            let rank = Int((percent / 100 * Double(sorted.count)).rounded(.up))
            return sorted[min(max(rank, 1), sorted.count) - 1]
        }
        mean = values.reduce(0, +) / Double(values.count)
        minimum = sorted[0]
        percentile1 = percentile(1)
        percentile5 = percentile(5)
        median = percentile(50)
        percentile95 = percentile(95)
    }
}
