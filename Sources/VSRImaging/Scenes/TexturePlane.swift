import VSRCore

/// A map from frame positions, in pixels, to texture positions.
struct TexturePlane: Sendable {
    /// Texels per pixel to the right; downwards it is (−`step.y`, `step.x`).
    let step: SIMD2<Double>
    /// Texture position of the frame's top left corner.
    let origin: SIMD2<Double>

    /// - Parameters:
    ///   - pose: Frame position at which the texture's `anchor` lies; turn and size of the texture.
    ///   - density: Texels per pixel at scale 1.
    init(pose: ScenePath.Pose, density: Double, anchor: SIMD2<Double>) {
        let factor = density / pose.scale
        step = SIMD2(
            factor * PortableMath.cosine(turns: pose.turns),
            -factor * PortableMath.sine(turns: pose.turns))
        origin = SIMD2(
            anchor.x - pose.x * step.x + pose.y * step.y,
            anchor.y - pose.x * step.y - pose.y * step.x)
    }

    /// The texture position of a frame position.
    @inline(__always)
    func position(_ x: Double, _ y: Double) -> SIMD2<Double> {
        SIMD2(origin.x + x * step.x - y * step.y, origin.y + x * step.y + y * step.x)
    }
}

extension SurfaceTexture {
    /// Fixed-point fraction bits of texture positions.
    private static let fraction = 20

    /// Samples the frame line `y` at two positions per pixel.
    ///
    /// - Parameters:
    ///   - columns: The samples wanted, counted along the line.
    ///   - blend: Sample index, what the row holds there and the texture's color, to what the row
    ///     shall hold.
    @inline(__always)
    func sample(
        along plane: TexturePlane, at y: Double, columns: Range<Int>,
        over row: inout [SIMD4<Float>],
        _ blend: (Int, SIMD4<Float>, SIMD4<Float>) -> SIMD4<Float>
    ) {
        let one = Double(1 << Self.fraction)
        let start = plane.position(0.25 + 0.5 * Double(columns.lowerBound), y)
        // Texel centers lie at halves.
        var u = Int(((start.x - 0.5) * one).rounded())
        var v = Int(((start.y - 0.5) * one).rounded())
        let du = Int((plane.step.x * 0.5 * one).rounded())
        let dv = Int((plane.step.y * 0.5 * one).rounded())
        texels.withUnsafeBufferPointer { texels in
            row.withUnsafeMutableBufferPointer { row in
                for index in columns {
                    row[index] = blend(index, row[index], bilinear(texels, u, v))
                    u &+= du
                    v &+= dv
                }
            }
        }
    }

    /// The texture at a fixed-point position, between its four nearest texels.
    @inline(__always)
    private func bilinear(
        _ texels: UnsafeBufferPointer<SIMD4<Float>>, _ u: Int, _ v: Int
    ) -> SIMD4<Float> {
        let mask = side - 1
        let unit = 1 / Float(1 << Self.fraction)
        let low = (1 << Self.fraction) - 1
        let across = Float(u & low) * unit
        let down = Float(v & low) * unit
        let left = (u >> Self.fraction) & mask
        let right = (left + 1) & mask
        let top = ((v >> Self.fraction) & mask) * side
        let bottom = (((v >> Self.fraction) + 1) & mask) * side
        let upper = texels[top + left] + (texels[top + right] - texels[top + left]) * across
        let lower =
            texels[bottom + left] + (texels[bottom + right] - texels[bottom + left]) * across
        return upper + (lower - upper) * down
    }
}

/// A scene object at one instant.
struct Sprite: Sendable {
    private let silhouette: Silhouette
    /// From the frame to the object's own coordinates, in pixels.
    private let outline: TexturePlane
    private let plane: TexturePlane
    private let pose: ScenePath.Pose
    private let reach: Double
    private let size: FrameSize

    init(_ object: SceneObject, at frame: Int, in size: FrameSize) {
        silhouette = object.silhouette
        pose = object.path.pose(at: frame)
        outline = TexturePlane(pose: pose, density: 1, anchor: .zero)
        plane = TexturePlane(pose: pose, density: object.density, anchor: object.anchor)
        reach =
            object.isEndless
            ? .infinity : Double(silhouette.reach) * pose.scale + 1
        self.size = size
    }

    /// Covers the samples of the frame line `y` that the object hides.
    func draw(_ texture: SurfaceTexture, over row: inout [SIMD4<Float>], at y: Double) {
        guard abs(y - pose.y) < reach else { return }
        let left = max(0, min(Double(size.width), (pose.x - reach).rounded(.down)))
        let right = max(left, min(Double(size.width), (pose.x + reach).rounded(.up)))
        let columns = 2 * Int(left)..<2 * Int(right)
        let start = outline.position(0.25, y)
        let silhouette = silhouette
        // Distances are in the object's own pixels; an edge ramp is one sample, half a pixel, wide.
        let sharpness = Float(2 * pose.scale)
        let step = outline.step * 0.5
        texture.sample(along: plane, at: y, columns: columns, over: &row) { index, below, color in
            let x = Float(start.x + Double(index) * step.x)
            let y = Float(start.y + Double(index) * step.y)
            let coverage = 0.5 - silhouette.distance(x, y) * sharpness
            return coverage > 0 ? below + (color - below) * min(coverage, 1) : below
        }
    }
}
