import Testing
import VSRCompensation
import VSRCore
import VSRModel
import VSRTestSupport

/// The example of the library's documentation, compiled and run.
@Suite struct ArticleTests {
    @Test func aNetworkIsHalvedAndRefitted() throws {
        let dense = try Model.initialized(
            Blueprint(
                direction: .unidirectional, width: 6, blocks: 2, upsamplerWidth: 6, scale: 2,
                flow: .init(widths: [2, 2, 2, 2], levels: 2)), seed: 1)
        var random = SeededGenerator(seed: 2)
        let frames = (0..<3).map { _ in
            var frame = Frame(size: FrameSize(width: 24, height: 24))
            for channel in 0..<3 {
                for y in 0..<24 {
                    for x in 0..<24 {
                        frame[channel, y, x] = Float(random.integer(below: 256)) / 255
                    }
                }
            }
            return frame
        }
        let clip = CalibrationClip(frames: frames, used: Set(frames.indices))
        let slim = try dense.compensated(on: [clip]) { blueprint in
            2 * blueprint.costs().macs <= dense.blueprint.costs().macs
        }
        try slim.validate()
        #expect(2 * slim.blueprint.costs().macs <= dense.blueprint.costs().macs)
    }
}
