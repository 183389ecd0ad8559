import Testing
import VSRCore
import VSRData
import VSRImaging

@Suite struct SceneClipTests {
    private static let size = FrameSize(width: 48, height: 32)

    @Test func scenesAreClipsOfTheirOwnFrames() throws {
        let sources = ClipSource.scenes(2, seed: 5, size: Self.size, frames: 3)
        #expect(sources.map(\.name) == ["scene-5", "scene-6"])
        let clips = try TrainingClips(sources, scale: 2, degradation: .bicubic)
        for (clip, seed) in [(0, UInt64(5)), (1, 6)] {
            let scene = try SyntheticScene(seed: seed, size: Self.size, frameCount: 3)
            for frame in 0..<3 {
                let (low, high) = clips.frames(clip: clip, frame: frame)
                #expect(high == ByteFrame(rounding: scene.frame(frame)))
                #expect(try low == Degradation.bicubic.degraded(high, scale: 2))
            }
        }
    }

    @Test func impossibleScenesFailWhenTheyAreOpened() {
        let source = ClipSource.scene(seed: 1, size: FrameSize(width: 0, height: 4), frames: 3)
        #expect(throws: VSRError.self) { try source.open() }
    }
}
