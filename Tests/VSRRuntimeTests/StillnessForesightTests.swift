import Testing
import VSRCore
import VSRImaging

@testable import VSRRuntime

@Suite struct StillnessForesightTests {
    private let size = FrameSize(width: 48, height: 32)

    private func see(_ foresight: StillnessForesight, _ frame: Frame) throws {
        try frame.samples.withUnsafeBufferPointer { foresight.see(try #require($0.baseAddress)) }
    }

    /// Still for 30 frames, a speck in one square, still again, another picture, and so on.
    private func clip(_ count: Int) throws -> [Frame] {
        let clips = StillClips(size)
        let pictures = try [1, 2, 3].map { try StillClips(size, seed: $0).picture() }
        return (0..<count).map { index in
            var picture = pictures[index < 90 ? 0 : index < 100 ? 1 : 2]
            if index >= 30 {
                for channel in 0..<Frame.channels {
                    for y in 4..<9 {
                        for x in 4..<9 { picture[channel, y, x] = Float(index % 90 < 55 ? 1 : 0) }
                    }
                }
            }
            return clips.noisy(picture, sigma: 1.5, index)
        }
    }

    @Test func squaresSeenAheadAreHeldFromTheirFifthStillFrame() throws {
        let foresight = StillnessForesight(try StillnessTracker(size))
        for frame in try clip(24) { try see(foresight, frame) }
        for index in 0..<24 {
            foresight.advance()
            #expect(foresight.present.holdsAll == (index >= 4), "frame \(index)")
            #expect(foresight.present.holdsAny == (index >= 4))
        }
        #expect(foresight.ahead == 0)
    }

    /// What is held at a frame, of which so many more were seen, by definition: what the tracker
    /// holds there, or at a later one of them, if the square has not moved in between and had stood
    /// still for four frames.
    @Test(arguments: [(1, 0), (1, 1), (4, 2), (16, 8), (7, 30)])
    func whatIsHeldFollowsFromTheTracker(window: Int, lookAhead: Int) throws {
        let frames = try clip(160)
        let tracker = try StillnessTracker(size)
        var ages: [[Int]] = []
        var held: [[Bool]] = []
        var references: [[Int]] = []
        for frame in frames {
            try frame.samples.withUnsafeBufferPointer {
                tracker.observe(try #require($0.baseAddress))
            }
            ages.append((0..<tracker.grid.count).map(tracker.age))
            references.append((0..<tracker.grid.count).map(tracker.referenceNumber))
            held.append(tracker.held)
        }
        // Other things happen to it than one long stillness.
        #expect(Set(references[159]).count > 1 && held.contains { $0.contains(true) != $0[0] })
        let foresight = StillnessForesight(try StillnessTracker(size))
        for round in 0..<2 {
            var seen = 0
            for index in frames.indices {
                if index.isMultiple(of: window) {
                    while seen < min(frames.count, index + window + lookAhead) {
                        try see(foresight, frames[seen])
                        seen += 1
                    }
                }
                #expect(foresight.ahead == seen - index)
                foresight.advance()
                let sight = foresight.present
                #expect(sight.ages == ages[index])
                let expected = (0..<tracker.grid.count).map { square in
                    (index..<seen).contains { later in
                        held[later][square]
                            && (later == index
                                || ages[index][square] >= 4
                                    && ages[later][square] - ages[index][square] == later - index)
                    }
                }
                #expect(sight.held == expected, "round \(round), frame \(index)")
                // The tracker counts on from clip to clip.
                if round == 0 { #expect(sight.references == references[index]) }
            }
            foresight.reset()
        }
    }
}
