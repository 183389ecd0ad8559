import Foundation

extension SeededGenerator {
    /// Two independent numbers of the standard normal distribution.
    ///
    /// Source: Box & Muller, "A Note on the Generation of Random Normal Deviates", 1958.
    public mutating func normalPair() -> (Double, Double) {
        // 1 − u is above 0.
        let radius = (-2 * log(1 - Double(uniform()))).squareRoot()
        let angle = 2 * Double.pi * Double(uniform())
        return (radius * cos(angle), radius * sin(angle))
    }
}
