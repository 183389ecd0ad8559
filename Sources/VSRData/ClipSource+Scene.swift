import VSRCore
import VSRImaging

extension ClipSource {
    /// A clip that the project renders itself; textures are painted when it is opened.
    ///
    /// - Parameter liveliness: Scale of all motion; 0 is a still picture.
    public static func scene(
        seed: UInt64, size: FrameSize, frames: Int, liveliness: Double = 1
    ) -> ClipSource {
        let name = "scene-\(seed)"
        return ClipSource(name: name) {
            let scene = try SyntheticScene(
                seed: seed, size: size, frameCount: frames, liveliness: liveliness)
            return try ClipSource.rendered(name: name, size: size, count: frames) {
                scene.frame($0)
            }.open()
        }
    }

    /// Clips of unrelated scenes, whose seeds count up from `seed`.
    public static func scenes(
        _ count: Int, seed: UInt64, size: FrameSize, frames: Int
    ) -> [ClipSource] {
        (0..<max(count, 0)).map { .scene(seed: seed &+ UInt64($0), size: size, frames: frames) }
    }
}
