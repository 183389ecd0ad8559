import VSRCore

/// The outline of a leaf or an object: a distance field in its own coordinates.
struct Silhouette: Sendable {
    enum Form: Sendable {
        /// Half axes.
        case ellipse(Float, Float)
        /// Half sides and corner radius.
        case box(Float, Float, Float)
        /// Normals of the sides, all at the same distance from the center.
        case polygon([SIMD2<Float>], Float)
        /// Bars of a fence, endless: period and half width.
        case bars(Float, Float)
    }

    let form: Form

    /// Nothing lies farther from the center than this.
    let reach: Float

    /// A disc-like, box-like or polygonal outline of about the given radius.
    static func random(radius: Double, _ generator: inout SeededGenerator) -> Silhouette {
        switch generator.integer(below: 3) {
        case 0: return ellipse(radius: radius, &generator)
        case 1: return box(radius: radius, &generator)
        default: return polygon(radius: radius, &generator)
        }
    }

    static func ellipse(radius: Double, _ generator: inout SeededGenerator) -> Silhouette {
        let aspect = generator.uniform(0.4, 1)
        return Silhouette(
            form: .ellipse(Float(radius), Float(radius * aspect)), reach: Float(radius))
    }

    static func box(radius: Double, _ generator: inout SeededGenerator) -> Silhouette {
        let height = radius * generator.uniform(0.25, 1)
        let corner = generator.chance(0.5) ? 0 : generator.uniform(0, 0.5) * height
        let reach = (radius * radius + height * height).squareRoot()
        return Silhouette(
            form: .box(Float(radius), Float(height), Float(corner)), reach: Float(reach))
    }

    static func polygon(radius: Double, _ generator: inout SeededGenerator) -> Silhouette {
        let sides = 3 + generator.integer(below: 4)
        let normals = (0..<sides).map { side -> SIMD2<Float> in
            let jitter = generator.uniform(-0.12, 0.12)
            let turns = (Double(side) + jitter) / Double(sides)
            return SIMD2(
                Float(PortableMath.cosine(turns: turns)), Float(PortableMath.sine(turns: turns)))
        }
        // A triangle's corners lie at twice the distance of its sides; jitter moves them outwards.
        return Silhouette(form: .polygon(normals, Float(radius * 0.5)), reach: Float(radius * 1.6))
    }

    /// Distance outwards from the outline: negative inside, exact near straight sides.
    @inline(__always)
    func distance(_ x: Float, _ y: Float) -> Float {
        switch form {
        case .ellipse(let a, let b):
            let u = x / a
            let v = y / b
            return ((u * u + v * v).squareRoot() - 1) * b
        case .box(let a, let b, let corner):
            let dx = max(abs(x) - a + corner, 0)
            let dy = max(abs(y) - b + corner, 0)
            let inner = min(max(abs(x) - a, abs(y) - b) + corner, 0)
            return (dx * dx + dy * dy).squareRoot() + inner - corner
        case .polygon(let normals, let radius):
            var farthest = -Float.greatestFiniteMagnitude
            for normal in normals { farthest = max(farthest, normal.x * x + normal.y * y) }
            return max(farthest - radius, (x * x + y * y).squareRoot() - 3.1 * radius)
        case .bars(let period, let half):
            let phase = x / period
            let offset = phase - Float(LatticeNoise.floor(phase)) - 0.5
            return abs(offset) * period - half
        }
    }
}
