import VSRCore

/// A rendered clip: a camera pans, turns and zooms over a textured plane while objects move in
/// front of it and hide it and each other.
///
/// Textures hold organic forms, façades, fine stripes, checks, dots, text and gradients. The same
/// seed gives the same frames on every machine, bit for bit, and frames can be asked for in any
/// order. Pixels are the mean of 2×2 samples.
public struct SyntheticScene: Sendable {
    /// Texels per pixel: fine enough for detail up to the frame's own resolution.
    private static let density = 1.25

    public let size: FrameSize
    public let frameCount: Int

    private let ground: SurfaceTexture
    private let surface: SurfaceTexture
    private let camera: ScenePath
    private let objects: [SceneObject]

    /// Paints the textures and plans the motions.
    ///
    /// - Parameter liveliness: Scale of all motion; 0 is a still picture.
    /// - Throws: `invalidArgument` if a side is not in `1...16384`, the clip is empty, or
    ///   `liveliness` is not in `0...10`.
    public init(
        seed: UInt64, size: FrameSize, frameCount: Int, liveliness: Double = 1
    ) throws {
        guard (1...16_384).contains(size.width), (1...16_384).contains(size.height) else {
            throw VSRError(
                .invalidArgument, "cannot render a scene of \(size): sides must be in 1...16384")
        }
        guard (1...1_000_000).contains(frameCount), (0...10).contains(liveliness) else {
            throw VSRError(
                .invalidArgument,
                "cannot render \(frameCount) frames of liveliness \(liveliness): frames must be "
                    + "in 1...1000000 and liveliness in 0...10")
        }
        self.size = size
        self.frameCount = frameCount
        var generator = SeededGenerator(seed: seed).fork(0x5CE7E)
        let side = Self.textureSide(for: size)
        ground = SurfaceTexture(side: side, theme: generator.pick(SurfaceTheme.all), &generator)
        surface = SurfaceTexture(
            side: side / 2, theme: generator.pick(SurfaceTheme.all), &generator)
        let start = ScenePath.Pose(
            x: generator.uniform(0, Double(side)), y: generator.uniform(0, Double(side)),
            turns: generator.chance(0.5) ? 0 : generator.uniform(-0.1, 0.1),
            scale: generator.uniform(0.9, 2))
        camera = ScenePath(start: start, pace: 8, liveliness: liveliness, &generator)
        objects = (0..<1 + generator.integer(below: 5)).map { _ in
            SceneObject(size: size, side: side / 2, liveliness: liveliness, &generator)
        }
    }

    /// Frame `index`, in `0..<frameCount`, its samples in `0...1`.
    public func frame(_ index: Int) -> Frame {
        precondition((0..<frameCount).contains(index), "a scene has frames 0..<frameCount")
        let view = plane(camera.pose(at: index))
        let sprites = objects.map { Sprite($0, at: index, in: size) }
        var samples = Array(repeating: Float(0), count: Frame.channels * size.area)
        var row = Array(repeating: SIMD4<Float>.zero, count: 2 * size.width)
        for y in 0..<size.height {
            for subrow in 0..<2 {
                let position = Double(y) + 0.25 + 0.5 * Double(subrow)
                ground.sample(along: view, at: position, columns: 0..<row.count, over: &row) {
                    $2
                }
                for sprite in sprites { sprite.draw(surface, over: &row, at: position) }
                add(row, to: &samples, at: y)
            }
        }
        return Frame(size: size, samples: samples)
    }

    private func add(_ row: [SIMD4<Float>], to samples: inout [Float], at y: Int) {
        let width = size.width
        let area = size.area
        samples.withUnsafeMutableBufferPointer { samples in
            row.withUnsafeBufferPointer { row in
                for x in 0..<width {
                    let sum = (row[2 * x] + row[2 * x + 1]) * 0.25
                    let index = y * width + x
                    samples[index] += sum.x
                    samples[area + index] += sum.y
                    samples[2 * area + index] += sum.z
                }
            }
        }
    }

    /// The map from frame to texture that the camera's pose makes, turning about the center.
    private func plane(_ pose: ScenePath.Pose) -> TexturePlane {
        TexturePlane(
            pose: ScenePath.Pose(
                x: Double(size.width) / 2, y: Double(size.height) / 2, turns: pose.turns,
                scale: pose.scale),
            density: Self.density,
            anchor: SIMD2(pose.x * Self.density, pose.y * Self.density))
    }

    /// Large enough that a frame shows each texel once, up to a bound that keeps memory small.
    private static func textureSide(for size: FrameSize) -> Int {
        let wanted = Int(Double(max(size.width, size.height)) * density)
        var side = 256
        while side < wanted, side < 1024 { side *= 2 }
        return side
    }
}
