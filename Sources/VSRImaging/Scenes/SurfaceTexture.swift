import VSRCore

/// A picture of random overlapping surfaces that repeats in both directions.
///
/// Surfaces of all sizes whose number falls with the cube of their radius cover each other ("dead
/// leaves"), which gives the edge and contrast statistics of natural pictures.
///
/// Source: Lee, Mumford, Huang: "Occlusion Models for Natural Images", IJCV 2001.
struct SurfaceTexture: Sendable {
    /// Texels along each side, a power of two.
    let side: Int

    /// Red, green, blue, unused: `[side, side]`.
    private(set) var texels: [SIMD4<Float>]

    /// A texture of given texels.
    init(side: Int, texels: [SIMD4<Float>]) {
        precondition(side.nonzeroBitCount == 1 && texels.count == side * side, "a square")
        self.side = side
        self.texels = texels
    }

    /// A random texture.
    ///
    /// - Parameter side: A power of two of at least 64.
    init(side: Int, theme: SurfaceTheme, _ generator: inout SeededGenerator) {
        self.side = side
        texels = []
        let palette = ScenePalette(&generator)
        paintGround(palette, &generator)
        let smallest = generator.uniform(theme.smallestRadius.0, theme.smallestRadius.1)
        let largest = Double(side) / 5
        // Mean area of a leaf is about π · 2 · r² · ln(R / r), with r and R the radii's bounds.
        let area = painted(smallest, largest)
        let count = Int(theme.coverage * Double(side * side) / area)
        for _ in 0..<count {
            // Inverse of the distribution whose density falls with the cube of the radius.
            let tail =
                1 - generator.uniform(0, 1) * (1 - (smallest / largest) * (smallest / largest))
            paint(
                Leaf(side, theme, palette, radius: smallest / tail.squareRoot(), &generator))
        }
        shade(&generator)
        expose(to: Float(generator.uniform(0.3, 0.55)))
    }

    /// Mean area of a leaf, in texels; the logarithm by its series in (R − r) / (R + r).
    private func painted(_ smallest: Double, _ largest: Double) -> Double {
        let quotient = (largest - smallest) / (largest + smallest)
        let square = quotient * quotient
        var power = quotient
        var logarithm = 0.0
        for order in stride(from: 1.0, through: 99, by: 2) {
            logarithm += 2 * power / order
            power *= square
        }
        return Double.pi * 2 * smallest * smallest * max(logarithm, 0.5) * 0.6
    }

    private mutating func paintGround(
        _ palette: ScenePalette, _ generator: inout SeededGenerator
    ) {
        let fill = SurfaceFill(.clouds, finest: 8, palette, &generator)
        // Eight cells of the first octave across the texture.
        let cells = 8 / Float(side)
        texels = [SIMD4<Float>](unsafeUninitializedCapacity: side * side) { texels, count in
            for y in 0..<side {
                for x in 0..<side {
                    let amount = fill.noise.fractal(
                        Float(x) * cells, Float(y) * cells, octaves: 6, roughness: 0.55, mask: 7)
                    texels[y * side + x] = fill.first + (fill.second - fill.first) * amount
                }
            }
            count = side * side
        }
    }

    /// Light that varies slowly over the picture, and the grain of its surfaces.
    private mutating func shade(_ generator: inout SeededGenerator) {
        let noise = LatticeNoise(seed: UInt32(truncatingIfNeeded: generator.next()))
        let depth = Float(generator.uniform(0.1, 0.5))
        let grain = Float(generator.uniform(0, 0.2))
        let cells = 4 / Float(side)
        let grainCells = Float(side / 8) / Float(side)
        let grainMask = Int32(side / 8 - 1)
        for y in 0..<side {
            for x in 0..<side {
                let light = noise.fractal(
                    Float(x) * cells, Float(y) * cells, octaves: 2, roughness: 0.5, mask: 3)
                let rough = noise.fractal(
                    Float(x) * grainCells, Float(y) * grainCells, octaves: 3, roughness: 0.8,
                    mask: grainMask)
                texels[y * side + x] *= (1 - depth * light) * (1 + grain * (2 * rough - 1))
            }
        }
    }

    /// Scales all colors so that their mean is about `mean`, as a camera's exposure does.
    private mutating func expose(to mean: Float) {
        let sum = texels.reduce(SIMD4<Float>.zero, +) / Float(texels.count)
        let gain = max(0.6, min(2, 3 * mean / max(sum.x + sum.y + sum.z, 0.01)))
        for index in texels.indices {
            texels[index] = (texels[index] * gain)
                .clamped(lowerBound: .zero, upperBound: SIMD4(repeating: 1))
        }
    }

    private mutating func paint(_ leaf: Leaf) {
        let reach = Int(leaf.silhouette.reach) + 2
        let mask = side - 1
        texels.withUnsafeMutableBufferPointer { texels in
            for dy in -reach...reach {
                let row = ((leaf.y + dy) & mask) * side
                for dx in -reach...reach {
                    let u = leaf.cosine * Float(dx) + leaf.sine * Float(dy)
                    let v = leaf.cosine * Float(dy) - leaf.sine * Float(dx)
                    let distance = leaf.silhouette.distance(u, v)
                    let coverage = 0.5 - distance * leaf.sharpness
                    guard coverage > 0 else { continue }
                    let color = leaf.fill.color(u, v) * leaf.shade(distance)
                    let index = row + (leaf.x + dx) & mask
                    texels[index] += (color - texels[index]) * min(coverage, 1)
                }
            }
        }
    }
}

/// One surface of a texture.
private struct Leaf {
    let x: Int
    let y: Int
    let cosine: Float
    let sine: Float
    let silhouette: Silhouette
    let fill: SurfaceFill
    /// Texels of the ramp at the edge, inverted: some surfaces are out of focus.
    let sharpness: Float
    /// Strength and width, in texels, of the darkening towards the edge.
    private let rim: (depth: Float, width: Float)

    init(
        _ side: Int, _ theme: SurfaceTheme, _ palette: ScenePalette, radius: Double,
        _ generator: inout SeededGenerator
    ) {
        x = generator.integer(below: side)
        y = generator.integer(below: side)
        let turns = theme.isUpright ? generator.uniform(-0.01, 0.01) : generator.uniform(0, 1)
        cosine = Float(PortableMath.cosine(turns: turns))
        sine = Float(PortableMath.sine(turns: turns))
        silhouette =
            theme.isUpright
            ? .box(radius: radius, &generator) : .random(radius: radius, &generator)
        // Patterns need room for a few periods.
        let small = generator.chance(0.5) ? SurfaceFill.Pattern.gradient : .clouds
        let pattern = radius < 10 ? small : generator.pick(theme.patterns)
        fill = SurfaceFill(pattern, finest: 2.6, palette, &generator)
        sharpness = generator.chance(0.7) ? 1 : Float(generator.uniform(0.2, 1))
        rim = (
            generator.chance(0.5) ? 0 : Float(generator.uniform(0, 0.6)),
            Float(radius * generator.uniform(0.1, 1))
        )
    }
    /// Darkens towards the edge, so that surfaces look round.
    @inline(__always)
    func shade(_ distance: Float) -> Float {
        1 - rim.depth * max(0, min(1, 1 + distance / rim.width))
    }
}
