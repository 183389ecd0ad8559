import Foundation
import Testing
import VSRCore
import VSRData

@Suite struct SurroundingFramesTests {
    private static let size = FrameSize(width: 20, height: 20)

    private static func options() -> SamplingOptions {
        var options = SamplingOptions()
        options.seed = 5
        options.batchSize = 3
        options.frames = 4
        options.patch = FrameSize(width: 6, height: 5)
        options.timeReversal = true
        options.mirrorsShortClips = true
        return options
    }

    private static func clips(frames: [Int] = [7, 5, 9]) throws -> TrainingClips {
        try RenderedClips.load(
            frames.enumerated().map { RenderedClips.source($0.offset, size, frames: $0.element) })
    }

    /// A clip of 7 frames shown 0…6, 6…0 leaves one place for a sample of 14; the clip goes on to and
    /// fro on both sides of it.
    @Test func clipsGoToAndFroBeyondTheirEnds() throws {
        var options = Self.options()
        options.timeReversal = false
        options.frames = 14
        options.framesBefore = 3
        options.framesAfter = 9
        let sample = try BatchSampler(try Self.clips(frames: [7]), options: options).samples(0)[0]
        #expect(sample.before == [2, 1, 0])
        #expect(sample.frames == [0, 1, 2, 3, 4, 5, 6, 6, 5, 4, 3, 2, 1, 0])
        #expect(sample.after == [0, 1, 2, 3, 4, 5, 6, 6, 5])
    }

    /// Seen from its end, a sample that plays backwards is one that plays forwards.
    @Test func samplesThatPlayBackwardsHaveTheirSurroundingsTurnedToo() throws {
        var options = Self.options()
        options.framesBefore = 30
        options.framesAfter = 20
        let sampler = try BatchSampler(try Self.clips(), options: options)
        var ways: Set<Bool> = []
        for sample in (0..<20).flatMap({ sampler.samples($0) }) {
            let count = [7, 5, 9][sample.clip]
            let isReversed = sample.frames[1] < sample.frames[0]
            ways.insert(isReversed)
            let shown = sample.before + sample.frames + sample.after
            let inTime = isReversed ? shown.reversed() : shown
            #expect(shown.count == 54)
            let start = try #require(
                (0..<2 * count).first {
                    Self.toAndFro($0, count) == inTime[0]
                        && Self.toAndFro($0 + 1, count) == inTime[1]
                        && Self.toAndFro($0 + 2, count) == inTime[2]
                })
            #expect(inTime == (start..<start + 54).map { Self.toAndFro($0, count) })
        }
        #expect(ways == [true, false])
    }

    private static func toAndFro(_ time: Int, _ count: Int) -> Int {
        let place = time % (2 * count)
        return place < count ? place : 2 * count - 1 - place
    }

    @Test func samplesAreThoseOfARunWithoutSurroundingsOrStillOnes() throws {
        let clips = try Self.clips()
        let plain = try BatchSampler(clips, options: Self.options())
        var options = Self.options()
        options.stillShare = 0.4
        options.framesBefore = 2
        options.framesAfter = 3
        let sampler = try BatchSampler(clips, options: options)
        var stillCount = 0
        for index in 0..<100 {
            for (own, other) in zip(sampler.samples(index), plain.samples(index)) {
                var expected = other
                if own.noiseSeed != nil {
                    stillCount += 1
                    let first = other.frames[0]
                    expected.frames = Array(repeating: first, count: 4)
                    #expect(own.before == [first, first] && own.after == [first, first, first])
                }
                (expected.before, expected.after) = (own.before, own.after)
                expected.noiseSeed = own.noiseSeed
                #expect(own == expected)
            }
        }
        // Binomial(300, 0.4): mean 120, standard deviation 8.5; five of them.
        #expect(abs(stillCount - 120) < 43)
        #expect(plain.batch(0).before.isEmpty && plain.batch(0).after.isEmpty)
    }

    @Test func cropsAroundASampleAreThoseOfTheStatedFrames() throws {
        let clips = try Self.clips()
        var options = Self.options()
        options.framesBefore = 2
        options.framesAfter = 6
        let sampler = try BatchSampler(clips, options: options)
        for index in 0..<8 {
            let batch = sampler.batch(index)
            let length = 3 * batch.size.area
            #expect(batch.framesBefore == 2 && batch.framesAfter == 6)
            #expect(batch.before.count == 3 * 2 * length && batch.after.count == 3 * 6 * length)
            for (place, sample) in batch.samples.enumerated() {
                for (crops, frames) in [(batch.before, sample.before), (batch.after, sample.after)]
                {
                    for (time, frame) in frames.enumerated() {
                        let start = (place * frames.count + time) * length
                        let stored = clips.frames(clip: sample.clip, frame: frame).lowResolution
                        #expect(
                            Array(crops[start..<start + length])
                                == Self.crop(stored, sample, batch.size))
                    }
                }
            }
        }
    }

    /// The crop by its definition: transposed, then mirrored.
    private static func crop(
        _ frame: ByteFrame, _ sample: TrainingSample, _ patch: FrameSize
    ) -> [Float] {
        (0..<3).flatMap { channel in
            (0..<patch.height).flatMap { y in
                (0..<patch.width).map { x in
                    let column = sample.isFlippedX ? patch.width - 1 - x : x
                    let row = sample.isFlippedY ? patch.height - 1 - y : y
                    let dx = sample.isTransposed ? row : column
                    let dy = sample.isTransposed ? column : row
                    return Float(frame[channel, sample.y + dy, sample.x + dx]) / 255
                }
            }
        }
    }

    /// Fresh noise of σ 1.5 on each low-resolution frame, none on the frames that they were made of.
    @Test func stillSamplesHaveFreshNoiseOnEachFrame() throws {
        // Away from 0 and 255, where noise would be cut off.
        let source = ClipSource.rendered(name: "gray", size: Self.size, count: 5) { index in
            Frame(
                size: Self.size,
                samples: Array(repeating: Float(100 + index) / 255, count: 3 * Self.size.area))
        }
        var options = Self.options()
        options.stillShare = 1
        options.framesBefore = 3
        options.framesAfter = 2
        options.batchSize = 8
        options.patch = FrameSize(width: 9, height: 9)
        let sampler = try BatchSampler(try RenderedClips.load([source]), options: options)
        var noise: [Double] = []
        var frames: Set<[Float]> = []
        for index in 0..<10 {
            let batch = sampler.batch(index)
            #expect(batch == sampler.batch(index))
            let length = 3 * batch.size.area
            for (place, sample) in batch.samples.enumerated() {
                let level = Float(100 + sample.frames[0])
                let high = batch.highResolution[place * 16 * length..<(place + 1) * 16 * length]
                #expect(high.allSatisfy { $0 == level / 255 })
                for (crops, count) in [
                    (batch.before, 3), (batch.lowResolution, 4), (batch.after, 2),
                ] {
                    for time in 0..<count {
                        let start = (place * count + time) * length
                        let crop = Array(crops[start..<start + length])
                        frames.insert(crop)
                        for value in crop {
                            #expect((value * 255).rounded() / 255 == value)
                            noise.append(Double((value * 255).rounded() - level))
                        }
                    }
                }
            }
        }
        #expect(frames.count == 10 * 8 * 9)
        // 174,960 values: the mean's standard deviation is 0.0037, that of the mean square of a
        // normal variable σ² √(2/n) = 0.008. Rounding adds 1/12 to the variance.
        let count = Double(noise.count)
        #expect(abs(noise.reduce(0, +) / count) < 5 * 0.0037)
        let square = noise.reduce(0) { $0 + $1 * $1 } / count
        #expect(abs(square - (2.25 + 1.0 / 12)) < 5 * 0.008)
    }

    @Test(arguments: [0.0, 0.5])
    func streamedBatchesAreTheSame(stillShare: Double) throws {
        let sources = [7, 5, 9].enumerated().map {
            RenderedClips.source($0.offset, Self.size, frames: $0.element)
        }
        var options = Self.options()
        options.stillShare = stillShare
        options.framesBefore = 6
        options.framesAfter = 1
        let kept = try BatchSampler(try RenderedClips.load(sources), options: options)
        let clips = try RenderedClips.stream(sources, limit: 3000, threads: 2)
        let streamed = try StreamedSampler(clips, options: options)
        for index in 0..<12 { #expect(try streamed.batch(index) == kept.batch(index)) }
    }

    @Test func sharesAndCountsOutOfRangeAreRefused() throws {
        for (change, name): ((inout SamplingOptions) -> Void, String) in [
            ({ $0.stillShare = 1.5 }, "stillShare"), ({ $0.stillShare = .nan }, "stillShare"),
            ({ $0.framesBefore = -1 }, "framesBefore"), ({ $0.framesAfter = -1 }, "framesAfter"),
        ] {
            var options = Self.options()
            change(&options)
            let error = #expect(throws: VSRError.self) { try options.validate() }
            #expect(error?.message.contains(name) == true)
        }
    }
}
