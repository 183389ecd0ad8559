import VSRCore

/// Functions that C libraries compute with different last bits, from exactly rounded operations
/// only: scenes are the same on every machine.
enum PortableMath {
    /// The sine of `turns` · 2π, within 1e-11.
    static func sine(turns: Double) -> Double {
        let wrapped = turns - turns.rounded(.toNearestOrEven)
        // Reflection brings the argument into a quarter turn around zero.
        let folded = wrapped > 0.25 ? 0.5 - wrapped : wrapped < -0.25 ? -0.5 - wrapped : wrapped
        let x = folded * 2 * Double.pi
        let square = x * x
        // Taylor's series; the first term left out is below (π/2)¹⁷ / 17! = 7e-12.
        var sum = 1.0
        for order in stride(from: 15.0, through: 3, by: -2) {
            sum = 1 - square / (order * (order - 1)) * sum
        }
        return x * sum
    }

    static func cosine(turns: Double) -> Double { sine(turns: turns + 0.25) }
}

extension SeededGenerator {
    /// Uniform in a range.
    mutating func uniform(_ low: Double, _ high: Double) -> Double {
        low + (high - low) * Double(uniform())
    }

    /// True with the given probability.
    mutating func chance(_ probability: Double) -> Bool { Double(uniform()) < probability }

    /// One of some elements.
    mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[integer(below: elements.count)]
    }
}
