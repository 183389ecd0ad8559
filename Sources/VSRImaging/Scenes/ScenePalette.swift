import VSRCore

/// The few related colors that a picture is made of.
struct ScenePalette: Sendable {
    private let colors: [SIMD4<Float>]

    init(_ generator: inout SeededGenerator) {
        // A tint of the light that all colors share.
        let tint = Self.offset(reach: 0.07, &generator)
        let brightness = generator.uniform(0.35, 0.65)
        colors = (0..<6).map { _ in
            let gray = max(0.05, min(0.92, brightness + generator.uniform(-0.45, 0.45)))
            // The third power makes vivid colors rare.
            let vividness = generator.uniform(0, 1)
            let own = Self.offset(reach: 0.35 * vividness * vividness * vividness, &generator)
            return Self.bounded(SIMD4(repeating: Float(gray)) + tint + own)
        }
    }

    /// One of the colors, slightly varied.
    func color(_ generator: inout SeededGenerator) -> SIMD4<Float> {
        let level = Float(generator.uniform(0.8, 1.2))
        return Self.bounded(
            generator.pick(colors) * level + Self.offset(reach: 0.03, &generator))
    }

    private static func offset(
        reach: Double, _ generator: inout SeededGenerator
    ) -> SIMD4<Float> {
        let channels = (0..<3).map { _ in Float(generator.uniform(-reach, reach)) }
        return SIMD4(channels[0], channels[1], channels[2], 0)
    }

    private static func bounded(_ color: SIMD4<Float>) -> SIMD4<Float> {
        color.clamped(
            lowerBound: SIMD4(repeating: 0.01), upperBound: SIMD4(repeating: 0.99))
    }
}
