import Testing
import VSRCore
import VSRData

@Suite struct BatchSamplerTests {
    private static func clips() throws -> TrainingClips {
        try RenderedClips.load([
            RenderedClips.source(0, FrameSize(width: 26, height: 18), frames: 7),
            RenderedClips.source(1, FrameSize(width: 20, height: 32), frames: 5),
            RenderedClips.source(2, FrameSize(width: 33, height: 21), frames: 9),
        ])
    }

    private static func options() -> SamplingOptions {
        var options = SamplingOptions()
        options.seed = 11
        options.batchSize = 3
        options.frames = 4
        options.patch = FrameSize(width: 6, height: 5)
        options.timeReversal = true
        return options
    }

    @Test func aBatchDependsOnSeedAndIndexOnly() throws {
        let clips = try Self.clips()
        let sampler = try BatchSampler(clips, options: Self.options())
        let forward = (0..<12).map { sampler.batch($0) }
        let other = try BatchSampler(try Self.clips(), options: Self.options())
        for index in (0..<12).reversed() { #expect(other.batch(index) == forward[index]) }
        #expect(Set(forward.map { $0.samples.map(\.x) + $0.samples.map(\.y) }).count > 6)

        var options = Self.options()
        options.seed = 12
        let reseeded = try BatchSampler(clips, options: options)
        #expect((0..<12).filter { reseeded.samples($0) == forward[$0].samples }.isEmpty)
    }

    @Test func everySampleIsTheStatedCropOfTheWholeDegradedFrame() throws {
        let clips = try Self.clips()
        let sampler = try BatchSampler(clips, options: Self.options())
        var seen: Set<[Bool]> = []
        for index in 0..<20 {
            let batch = sampler.batch(index)
            #expect(batch.size == FrameSize(width: 6, height: 5))
            for (place, sample) in batch.samples.enumerated() {
                seen.insert([sample.isTransposed, sample.isFlippedX, sample.isFlippedY])
                for (time, frame) in sample.frames.enumerated() {
                    let stored = clips.frames(clip: sample.clip, frame: frame)
                    let position = place * batch.frames + time
                    Self.compare(
                        batch.lowResolution, position, stored.lowResolution, sample, scale: 1,
                        patch: batch.size)
                    Self.compare(
                        batch.highResolution, position, stored.highResolution, sample, scale: 2,
                        patch: batch.size.scaled(by: 2))
                }
            }
        }
        #expect(seen.count == 8)
    }

    /// Turns the crop by the definition: transpose, then mirror; and compares all of it.
    private static func compare(
        _ batch: [Float], _ position: Int, _ frame: ByteFrame, _ sample: TrainingSample,
        scale: Int, patch: FrameSize
    ) {
        var expected: [Float] = []
        for channel in 0..<3 {
            for y in 0..<patch.height {
                for x in 0..<patch.width {
                    let column = sample.isFlippedX ? patch.width - 1 - x : x
                    let row = sample.isFlippedY ? patch.height - 1 - y : y
                    let dx = sample.isTransposed ? row : column
                    let dy = sample.isTransposed ? column : row
                    let level = frame[channel, sample.y * scale + dy, sample.x * scale + dx]
                    expected.append(Float(level) / 255)
                }
            }
        }
        let length = 3 * patch.area
        #expect(Array(batch[position * length..<(position + 1) * length]) == expected)
    }

    @Test func lowResolutionIsTheRoundedDegradationOfHighResolution() throws {
        let clips = try Self.clips()
        for clip in 0..<clips.count {
            for frame in 0..<clips.shape(clip: clip).frames {
                let (low, high) = clips.frames(clip: clip, frame: frame)
                #expect(low == ByteFrame(rounding: RenderedClips.boxed(high.frame, factor: 2)))
                let level = RenderedClips.level(clip: clip, frame: frame, channel: 2, y: 3, x: 5)
                #expect(high[2, 3, 5] == level)
            }
        }
        // 33x21 loses the column and the row that are no multiple of the scale.
        #expect(clips.shape(clip: 2).size == FrameSize(width: 32, height: 20))
    }

    @Test func framesAreConsecutiveForwardsOrBackwards() throws {
        let sampler = try BatchSampler(try Self.clips(), options: Self.options())
        var directions: Set<Int> = []
        for sample in (0..<30).flatMap({ sampler.samples($0) }) {
            let steps = Set(zip(sample.frames.dropFirst(), sample.frames).map { $0 - $1 })
            #expect(steps.count == 1)
            directions.formUnion(steps)
        }
        #expect(directions == [1, -1])
    }

    @Test func shortClipsAreMirroredInTime() throws {
        let clips = try RenderedClips.load([
            RenderedClips.source(0, FrameSize(width: 20, height: 20), frames: 7)
        ])
        var options = Self.options()
        options.timeReversal = false
        options.mirrorsShortClips = true
        options.frames = 14
        let sampler = try BatchSampler(clips, options: options)
        #expect(
            sampler.samples(0)[0].frames == [0, 1, 2, 3, 4, 5, 6, 6, 5, 4, 3, 2, 1, 0])
        options.frames = 15
        #expect(throws: VSRError.self) { try BatchSampler(clips, options: options) }
    }

    @Test func clipsTooSmallOrTooShortAreSkippedByName() throws {
        let clips = try RenderedClips.load([
            RenderedClips.source(0, FrameSize(width: 26, height: 18), frames: 7),
            RenderedClips.source(1, FrameSize(width: 40, height: 8), frames: 7),
            RenderedClips.source(2, FrameSize(width: 26, height: 18), frames: 3),
        ])
        let sampler = try BatchSampler(clips, options: Self.options())
        #expect(sampler.skipped.count == 2)
        #expect(sampler.skipped[0].contains("clip1"))
        #expect(sampler.skipped[1].contains("clip2"))
        #expect(Set((0..<20).flatMap { sampler.samples($0).map(\.clip) }) == [0])
    }

    @Test func clipsAreDrawnInProportionToTheirPixels() throws {
        // 4 frames of 20x20 and 12 frames of 20x20: 1 to 3.
        let clips = try RenderedClips.load([
            RenderedClips.source(0, FrameSize(width: 20, height: 20), frames: 4),
            RenderedClips.source(1, FrameSize(width: 20, height: 20), frames: 12),
        ])
        var options = Self.options()
        options.batchSize = 4000
        let drawn = try BatchSampler(clips, options: options).samples(0)
        // Binomial(4000, 1/4): mean 1000, standard deviation 27; six of them.
        #expect(abs(drawn.filter { $0.clip == 0 }.count - 1000) < 165)
    }

    /// One sample of four candidates is drawn as four samples are, and its crop, which is measured
    /// here as it came out, turned and mirrored, has the most detail of the four.
    @Test func ofSeveralCandidatesTheOneWithTheMostDetailIsTaken() throws {
        let clips = try Self.clips()
        var options = Self.options()
        options.batchSize = 4
        let all = try BatchSampler(clips, options: options)
        (options.batchSize, options.candidates) = (1, 4)
        let best = try BatchSampler(clips, options: options)
        var places: Set<Int> = []
        for index in 0..<40 {
            let batch = all.batch(index)
            let details = (0..<4).map { Self.detail(of: batch, place: $0) }
            let most = try #require(details.indices.max { details[$0] < details[$1] })
            #expect(best.samples(index) == [batch.samples[most]])
            places.insert(most)
        }
        #expect(places.count == 4)
    }

    /// Squared differences of neighbors in the first frame's green plane, in levels.
    private static func detail(of batch: TrainingBatch, place: Int) -> Int {
        let (width, height) = (batch.size.width, batch.size.height)
        let plane = (place * batch.frames * 3 + 1) * batch.size.area
        func level(_ x: Int, _ y: Int) -> Int {
            Int((batch.lowResolution[plane + y * width + x] * 255).rounded())
        }
        func square(_ value: Int) -> Int { value * value }
        var sum = 0
        for y in 0..<height {
            for x in 0..<width {
                if x + 1 < width { sum += square(level(x + 1, y) - level(x, y)) }
                if y + 1 < height { sum += square(level(x, y + 1) - level(x, y)) }
            }
        }
        return sum
    }

    @Test func streamedClipsRefuseCandidates() throws {
        var options = Self.options()
        options.candidates = 2
        let sources = [RenderedClips.source(0, FrameSize(width: 26, height: 18), frames: 7)]
        let streamed = try RenderedClips.stream(sources, limit: 1 << 20, threads: 1)
        #expect {
            try StreamedSampler(streamed, options: options)
        } throws: {
            ($0 as? VSRError)?.code == .unsupported && "\($0)".contains("memory")
        }
    }

    @Test func loadingStopsAtTheMemoryLimit() throws {
        var options = LoadingOptions()
        options.memoryLimit = 10_000
        let sources = [RenderedClips.source(0, FrameSize(width: 40, height: 40), frames: 9)]
        #expect(throws: VSRError.self) { try RenderedClips.load(sources, options: options) }
        // 9 frames of 3 · (40 · 40 + 20 · 20) bytes.
        #expect(try RenderedClips.load(sources).bytes == 9 * 6000)
    }

    @Test func loadingHeedsCancellation() throws {
        var options = LoadingOptions()
        let cancellation = Cancellation()
        cancellation.request()
        options.cancellation = cancellation
        let sources = [RenderedClips.source(0, FrameSize(width: 40, height: 40), frames: 9)]
        let error = #expect(throws: VSRError.self) {
            try RenderedClips.load(sources, options: options)
        }
        #expect(error?.code == .cancelled)
    }
}
