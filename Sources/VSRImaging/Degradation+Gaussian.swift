import Foundation

extension Degradation {
    /// A Gaussian sampled at `count` positions one apart and centered, with a sum of 1.
    static func gaussian(count: Int, sigma: Double) -> [Double] {
        let center = Double(count - 1) / 2
        let values = (0..<count).map { index in
            let distance = Double(index) - center
            return exp(-distance * distance / (2 * sigma * sigma))
        }
        let sum = values.reduce(0, +)
        return values.map { $0 / sum }
    }
}
