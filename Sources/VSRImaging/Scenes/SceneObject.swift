import VSRCore

/// Something that moves in front of a scene's background.
struct SceneObject: Sendable {
    let silhouette: Silhouette
    let path: ScenePath
    /// Texture coordinates of the object's center.
    let anchor: SIMD2<Double>
    /// Texels per pixel at scale 1.
    let density: Double
    /// Covers the whole frame, as a fence does.
    let isEndless: Bool

    init(
        size: FrameSize, side: Int, liveliness: Double, _ generator: inout SeededGenerator
    ) {
        let shorter = Double(min(size.width, size.height))
        isEndless = generator.chance(0.06)
        if isEndless {
            let period = generator.uniform(16, 16 + shorter / 2)
            let half = min(generator.uniform(0.6, 4), period / 8)
            silhouette = Silhouette(form: .bars(Float(period), Float(half)), reach: 0)
        } else {
            silhouette = .random(
                radius: shorter * generator.uniform(0.06, 0.28), &generator)
        }
        // A fence has hardly any pattern of its own.
        density = isEndless ? 0.1 : generator.uniform(0.4, 1.25)
        anchor = SIMD2(
            generator.uniform(0, Double(side)), generator.uniform(0, Double(side)))
        let start = ScenePath.Pose(
            x: generator.uniform(0, Double(size.width)),
            y: generator.uniform(0, Double(size.height)),
            turns: generator.chance(0.5) ? 0 : generator.uniform(0, 1), scale: 1)
        path = ScenePath(start: start, pace: 10, liveliness: liveliness, &generator)
    }
}
