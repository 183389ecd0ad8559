import VSRCore

/// The colors of a surface as a function of position, in texels.
///
/// Edges are softened over about one texel, so that painting needs no oversampling.
struct SurfaceFill: Sendable {
    enum Pattern: Sendable, CaseIterable {
        case gradient, clouds, stripes, checks, windows, dots, text
    }

    let pattern: Pattern
    /// Colors at 0 and at 1 of the pattern.
    let first: SIMD4<Float>
    let second: SIMD4<Float>
    /// Texels of one period.
    let period: Float
    /// Share of a period that the pattern's figure takes.
    let duty: Float
    let noise: LatticeNoise

    /// Stretches clouds along one axis, as grain of wood or grass is.
    let stretch: Float

    /// Draws colors and measures.
    ///
    /// - Parameter finest: Texels of the shortest period.
    init(
        _ pattern: Pattern, finest: Double, _ palette: ScenePalette,
        _ generator: inout SeededGenerator
    ) {
        self.pattern = pattern
        first = palette.color(&generator)
        let other = palette.color(&generator)
        // Clouds and shades vary around a color; figures contrast with their ground.
        let isFigure = pattern != .gradient && pattern != .clouds
        let contrast = Float(isFigure ? generator.uniform(0.3, 1) : generator.uniform(0.15, 0.8))
        second = first + (other - first) * contrast
        // Squaring favors fine periods.
        let spread = generator.uniform(0, 1)
        let coarsest: Double = isFigure ? 28 : 64
        period = Float(finest + (coarsest - finest) * spread * spread)
        duty = Float(generator.uniform(0.3, 0.7))
        stretch = generator.chance(0.3) ? Float(generator.uniform(0.1, 0.5)) : 1
        noise = LatticeNoise(seed: UInt32(truncatingIfNeeded: generator.next()))
    }

    /// The color at a point.
    @inline(__always)
    func color(_ x: Float, _ y: Float) -> SIMD4<Float> {
        first + (second - first) * amount(x, y)
    }

    @inline(__always)
    private func amount(_ x: Float, _ y: Float) -> Float {
        switch pattern {
        case .gradient: max(0, min(1, 0.5 + (x + 0.5 * y) / (4 * period)))
        case .clouds:
            noise.fractal(
                x / period, y * stretch / period, octaves: 4, roughness: 0.3 + 0.5 * duty,
                mask: 0xFFFF)
        case .stripes: bar(x, duty)
        case .checks: checks(bar(x, 0.5), bar(y, 0.5))
        case .windows: bar(x, duty) * bar(y * 0.7, duty)
        case .dots: dots(x, y)
        case .text: text(x, y)
        }
    }

    @inline(__always)
    private func checks(_ a: Float, _ b: Float) -> Float { a + b - 2 * a * b }

    /// 1 within bars of `duty` periods, 0 between, ramps one texel wide.
    @inline(__always)
    private func bar(_ x: Float, _ duty: Float) -> Float {
        let phase = x / period
        let offset = phase - Float(LatticeNoise.floor(phase)) - 0.5
        return max(0, min(1, 0.5 + (0.5 * duty - abs(offset)) * period))
    }

    @inline(__always)
    private func dots(_ x: Float, _ y: Float) -> Float {
        let u = x / period
        let v = y / period
        let dx = u - Float(LatticeNoise.floor(u)) - 0.5
        let dy = v - Float(LatticeNoise.floor(v)) - 0.5
        let distance = (dx * dx + dy * dy).squareRoot()
        return max(0, min(1, 0.5 + (0.5 * duty - distance) * period))
    }

    /// Lines of random words; a grid unit of the font is an eighth of a period.
    @inline(__always)
    private func text(_ x: Float, _ y: Float) -> Float {
        let unit = 0.4 + period / 8
        let column = LatticeNoise.floor(x / (6 * unit))
        let row = LatticeNoise.floor(y / (9 * unit))
        let choice = noise.number(column, row)
        // One cell in six is the space between words.
        guard choice < 5 / 6.0 else { return 0 }
        let glyphs = StrokeFont.glyphs
        let index = min(Int(choice * 6 / 5 * Float(glyphs.count)), glyphs.count - 1)
        let distance = StrokeFont.distance(
            glyphs[index], x / unit - Float(column) * 6 - 1, y / unit - Float(row) * 9 - 1.5)
        return max(0, min(1, 0.5 + (0.2 + 0.6 * duty - distance) * unit))
    }
}
