import Testing
import VSRCore
import VSRImaging

@Suite struct BicubicUpscalerTests {
    @Test func everyFrameComesOutAtOnceAndEnlarged() throws {
        let upscaler = try BicubicUpscaler(scale: 4)
        let clip = (0..<3).map {
            ByteFrame(seed: UInt64($0), size: FrameSize(width: 5, height: 3)).frame
        }
        let output = try clip.map { try upscaler.push($0) }
        for (frame, result) in zip(clip, output) {
            #expect(result == [try ByteFrame(rounding: frame).resized(by: 4).frame])
        }
        #expect(try upscaler.finish().isEmpty)
    }

    @Test func aNewSizeNeedsANewClip() throws {
        let upscaler = try BicubicUpscaler(scale: 2)
        _ = try upscaler.push(Frame(size: FrameSize(width: 5, height: 3)))
        let other = Frame(size: FrameSize(width: 3, height: 5))
        #expect { try upscaler.push(other) } throws: {
            ($0 as? VSRError)?.code == .shapeMismatch
        }
        _ = try upscaler.finish()
        #expect(try upscaler.push(other)[0].size == FrameSize(width: 6, height: 10))
    }

    @Test func impossibleScalesAreRefused() {
        for scale in [0, -4, 17] {
            #expect(throws: VSRError.self) { try BicubicUpscaler(scale: scale) }
        }
    }
}
