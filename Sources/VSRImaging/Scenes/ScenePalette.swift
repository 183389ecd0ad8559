import VSRCore

/// The few related colours that a picture is made of.
struct ScenePalette: Sendable {
    private let colours: [SIMD4<Float>]

    init(_ generator: inout SeededGenerator) {
        // A tint of the light that all colours share.
        let tint = Self.offset(reach: 0.07, &generator)
        let brightness = generator.uniform(0.35, 0.65)
        colours = (0..<6).map { _ in
            let grey = max(0.05, min(0.92, brightness + generator.uniform(-0.45, 0.45)))
            // The third power makes vivid colours rare.
            let vividness = generator.uniform(0, 1)
            let own = Self.offset(reach: 0.35 * vividness * vividness * vividness, &generator)
            return Self.bounded(SIMD4(repeating: Float(grey)) + tint + own)
        }
    }

    /// One of the colours, slightly varied.
    func colour(_ generator: inout SeededGenerator) -> SIMD4<Float> {
        let level = Float(generator.uniform(0.8, 1.2))
        return Self.bounded(
            generator.pick(colours) * level + Self.offset(reach: 0.03, &generator))
    }

    private static func offset(
        reach: Double, _ generator: inout SeededGenerator
    ) -> SIMD4<Float> {
        let channels = (0..<3).map { _ in Float(generator.uniform(-reach, reach)) }
        return SIMD4(channels[0], channels[1], channels[2], 0)
    }

    private static func bounded(_ colour: SIMD4<Float>) -> SIMD4<Float> {
        colour.clamped(
            lowerBound: SIMD4(repeating: 0.01), upperBound: SIMD4(repeating: 0.99))
    }
}
