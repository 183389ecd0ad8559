import Testing
import VSRCore
import VSRImaging

@Suite struct DegradationPhaseTests {
    /// A scene larger than the frames that are cut from it.
    private static func scene() throws -> ByteFrame {
        let scene = try SyntheticScene(
            seed: 3, size: FrameSize(width: 320, height: 260), frameCount: 1)
        return ByteFrame(rounding: scene.frame(0))
    }

    /// Low-resolution frames of what lies `x` and `y` further than the originals.
    @Test(
        arguments: [Degradation.bicubic, .blurred, .blurredUncentered], [(0, 0), (1, 0), (-2, 1)])
    func theShiftThatFramesWereMadeWithIsFound(
        degradation: Degradation, shift: (x: Int, y: Int)
    ) throws {
        let scene = try Self.scene()
        let size = FrameSize(width: 300, height: 240)
        let high = try scene.cropped(to: size, x: 8, y: 8)
        let low = try degradation.degraded(
            scene.cropped(to: size, x: 8 + shift.x, y: 8 + shift.y), scale: 4)
        let best = try DegradationPhase.candidates(
            lowResolution: [low], highResolution: [high], scale: 4)[0]
        #expect(best.degradation == degradation)
        #expect(best.x == shift.x && best.y == shift.y)
        // Away from borders nothing differs.
        #expect(best.psnr == .infinity)
        // The uncentered blur samples at 0, 4, 8, the others in the middle of four pixels.
        let own = degradation == .blurredUncentered ? -1.5 : 0
        #expect(best.offset(scale: 4) == (own + Double(shift.x), own + Double(shift.y)))
    }

    @Test func framesOfAnotherSceneAreExplainedByNothing() throws {
        let other = try SyntheticScene(
            seed: 99, size: FrameSize(width: 80, height: 64), frameCount: 1)
        let high = try Self.scene().cropped(to: FrameSize(width: 320, height: 256))
        let candidates = try DegradationPhase.candidates(
            lowResolution: [ByteFrame(rounding: other.frame(0))], highResolution: [high], scale: 4)
        #expect(candidates.count == 3)
        #expect(candidates[0].psnr < 30)
    }
}
