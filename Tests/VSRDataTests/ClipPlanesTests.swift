import Foundation
import Testing
import VSRCore
import VSRTestSupport

@testable import VSRData

/// Planes beside clips are cropped and turned as the clips' own frames are.
@Suite struct ClipPlanesTests {
    private static let size = FrameSize(width: 28, height: 20)

    private func sampler(frames: Int, of count: Int, reversed: Bool) throws -> BatchSampler {
        var options = SamplingOptions()
        options.batchSize = 16
        options.frames = frames
        options.patch = FrameSize(width: 6, height: 4)
        options.timeReversal = reversed
        options.mirrorsShortClips = true
        let sources = (0..<2).map { RenderedClips.source($0, Self.size, frames: count) }
        return try BatchSampler(try RenderedClips.load(sources), options: options)
    }

    private func written<Sample: BitwiseCopyable & Sendable>(
        _ samples: [Sample], _ name: String, in folder: String, frames: Int, channels: Int,
        size: FrameSize
    ) throws -> ClipPlanes<Sample> {
        let path = "\(folder)/\(name)"
        try samples.withUnsafeBytes { try Data($0).write(to: URL(fileURLWithPath: path)) }
        return try ClipPlanes(path, frames: frames, channels: channels, size: size)
    }

    @Test func framesAreCutAsTheClipsOwn() throws {
        let folder = try VSRTestSupport.TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        let sampler = try sampler(frames: 3, of: 4, reversed: true)
        let planes = try (0..<2).map { clip in
            let samples = (0..<4).flatMap {
                sampler.clips.frames(clip: clip, frame: $0).highResolution.samples
            }
            return try written(
                samples, "clip\(clip)", in: folder.path, frames: 4, channels: 3, size: Self.size)
        }
        let frames = ClipFrames(planes)
        for index in 0..<4 {
            let batch = sampler.batch(index)
            #expect((try frames.crops(of: batch) == batch.highResolution) as Bool)
        }
    }

    /// Flows (a, b) with a and b linear in place and frame: where the crop shows the place, the
    /// vector must still point to the same pixel.
    @Test(arguments: [(3, 4, true), (7, 4, false)])
    func flowsLeadToTheSamePixelsAfterTurning(frames: Int, count: Int, reversed: Bool) throws {
        let folder = try VSRTestSupport.TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        let sampler = try sampler(frames: frames, of: count, reversed: reversed)
        let low = FrameSize(width: Self.size.width / 2, height: Self.size.height / 2)
        // From pixel (x, y) of a pair's frame; `side` is 0 from the earlier frame, 1 from the later.
        func flow(_ clip: Int, _ pair: Int, _ side: Int, _ x: Int, _ y: Int) -> (Float, Float) {
            (
                Float(x + 3 * y + 100 * pair + 1000 * side + 10_000 * clip),
                Float(-7 * x + y - 50 * pair - 500 * side)
            )
        }
        let planes = try (0..<2).map { clip in
            var samples: [Float] = []
            for pair in 0..<count - 1 {
                for channel in 0..<4 {
                    for place in 0..<low.area {
                        let vector = flow(
                            clip, pair, channel / 2, place % low.width, place / low.width)
                        samples.append(channel % 2 == 0 ? vector.0 : vector.1)
                    }
                }
            }
            return try written(
                samples, "flow\(clip)", in: folder.path, frames: count - 1,
                channels: ClipFlows.channels, size: low)
        }
        let flows = ClipFlows(planes)
        var seen = Set<String>()
        for index in 0..<4 {
            let batch = sampler.batch(index)
            let crops = try flows.crops(of: batch)
            let (width, height) = (batch.size.width, batch.size.height)
            for (number, sample) in batch.samples.enumerated() {
                seen.insert("\(sample.isTransposed) \(sample.isFlippedX) \(sample.isFlippedY)")
                // The clip's pixel that a crop's pixel shows, from the definition of a sample.
                func origin(_ x: Int, _ y: Int) -> (x: Int, y: Int) {
                    let u = sample.isFlippedX ? width - 1 - x : x
                    let v = sample.isFlippedY ? height - 1 - y : y
                    return sample.isTransposed
                        ? (sample.x + v, sample.y + u) : (sample.x + u, sample.y + v)
                }
                for step in 0..<frames - 1 {
                    for isLater in [false, true] {
                        let pair = [sample.frames[step], sample.frames[step + 1]]
                        let (reference, supporting) =
                            isLater ? (pair[1], pair[0]) : (pair[0], pair[1])
                        let values = isLater ? crops.fromLater : crops.fromEarlier
                        let start = (number * (frames - 1) + step) * 2 * width * height
                        var wrong = 0
                        for place in 0..<width * height {
                            let (x, y) = (place % width, place / width)
                            let here = origin(x, y)
                            let expected =
                                reference == supporting
                                ? (0, 0)
                                : flow(
                                    sample.clip, min(reference, supporting),
                                    reference < supporting ? 0 : 1, here.x, here.y)
                            // One step along an axis of the crop is one step of the clip: by it the
                            // crop's vector is brought back to the clip.
                            let (right, down) = (origin(x + 1, y), origin(x, y + 1))
                            let (u, v) = (
                                values[start + place], values[start + width * height + place]
                            )
                            let back = (
                                u * Float(right.x - here.x) + v * Float(down.x - here.x),
                                u * Float(right.y - here.y) + v * Float(down.y - here.y)
                            )
                            if back != expected { wrong += 1 }
                        }
                        #expect(wrong == 0)
                    }
                }
            }
        }
        #expect(seen.count == 8)
    }

    @Test func aFileThatIsTooShortIsRefused() throws {
        let folder = try VSRTestSupport.TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        let message = { (body: () throws -> Void) -> String in
            do {
                try body()
                return ""
            } catch { return "\(error)" }
        }
        let path = "\(folder.path)/short"
        try Data(count: 11).write(to: URL(fileURLWithPath: path))
        let size = FrameSize(width: 2, height: 2)
        #expect(
            message {
                _ = try ClipPlanes<UInt8>(path, frames: 1, channels: 3, size: size)
            }.contains("short has 11 bytes instead of 12"))
        #expect(
            message {
                _ = try ClipPlanes<UInt8>(path + "er", frames: 1, channels: 3, size: size)
            }.contains("there is no file"))
        // One that goes while training runs.
        try Data(count: 12).write(to: URL(fileURLWithPath: path))
        let there = try ClipPlanes<UInt8>(path, frames: 1, channels: 3, size: size)
        try FileManager.default.removeItem(atPath: path)
        #expect(message { try there.withSamples { _ in } }.contains("start again"))
        // A clip of one frame has no pairs, and no file.
        let none = try ClipPlanes<Float>(path + "er", frames: 0, channels: 4, size: size)
        #expect(none.frames == 0)
    }
}
