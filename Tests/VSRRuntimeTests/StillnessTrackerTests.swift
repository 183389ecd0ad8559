import Foundation
import Testing
import VSRCore
import VSRImaging

@testable import VSRRuntime

@Suite struct StillnessTrackerTests {
    private static let patience = StillnessTracker.patience
    private let size = FrameSize(width: 80, height: 64)

    private func observe(_ tracker: StillnessTracker, _ frame: Frame) throws {
        try frame.samples.withUnsafeBufferPointer {
            tracker.observe(try #require($0.baseAddress))
        }
    }

    /// The first frame at which anything is held; `nil` if none.
    private func firstHold(
        _ tracker: StillnessTracker, _ count: Int, _ frame: (Int) throws -> Frame
    ) throws -> Int? {
        for index in 0..<count {
            try observe(tracker, try frame(index))
            if tracker.holdsAny { return index }
        }
        return nil
    }

    @Test(arguments: [0, 1.5, 4])
    func aStillPictureIsHeldForEver(sigma: Double) throws {
        let clips = StillClips(size)
        let picture = try clips.picture()
        let tracker = try StillnessTracker(size)
        for index in 0..<3000 {
            try observe(tracker, clips.noisy(picture, sigma: sigma, index))
            #expect(tracker.holdsAll == (index >= Self.patience), "frame \(index)")
            #expect(tracker.holdsAny == (index >= Self.patience))
        }
        // The same reference all the time: nothing was let go in between.
        #expect((0..<tracker.grid.count).allSatisfy { tracker.referenceNumber($0) == 1 })
    }

    @Test func aBlankPictureIsHeld() throws {
        let tracker = try StillnessTracker(size)
        let clips = StillClips(size)
        let gray = Frame(size: size, filledWith: 0.4)
        for index in 0...Self.patience {
            try observe(tracker, clips.noisy(gray, sigma: 1.5, index))
        }
        #expect(tracker.holdsAll)
    }

    /// An eighth of a pixel per frame to three pixels, in both directions of time.
    @Test(arguments: [1, 2, 8, 24], [0, 1.5])
    func aPanIsNeverHeld(eighthsPerFrame: Int, sigma: Double) throws {
        let count = min(600, 8 * 400 / eighthsPerFrame)
        let length = FrameSize(
            width: size.width + count * eighthsPerFrame / 8 + 1, height: size.height)
        let clips = StillClips(size)
        let wide = StillClips.stretched(try StillClips(length, seed: 3).picture())
        for isReversed in [false, true] {
            let tracker = try StillnessTracker(size)
            let held = try firstHold(tracker, count) { index in
                let step = isReversed ? count - 1 - index : index
                let frame = StillClips.panned(wide, to: size, eighths: step * eighthsPerFrame)
                return sigma > 0 ? clips.noisy(frame, sigma: sigma, index) : frame
            }
            #expect(held == nil, "reversed: \(isReversed)")
        }
    }

    @Test(arguments: 1...5)
    func scenesInMotionAreNeverHeld(seed: Int) throws {
        let scene = try SyntheticScene(seed: UInt64(seed), size: size, frameCount: 600)
        let tracker = try StillnessTracker(size)
        #expect(try firstHold(tracker, 600) { scene.frame($0) } == nil)
    }

    /// Half of the frame shows no detail, as a sky does, while the other half pans.
    @Test func areasWithoutTextureMoveWithTheirSurroundings() throws {
        let wide = StillClips.stretched(
            try StillClips(FrameSize(width: 200, height: 64), seed: 3).picture())
        let tracker = try StillnessTracker(size)
        let clips = StillClips(size)
        let held = try firstHold(tracker, 300) { index in
            var frame = StillClips.panned(wide, to: size, eighths: index)
            for channel in 0..<Frame.channels {
                for y in 0..<32 {
                    for x in 0..<size.width { frame[channel, y, x] = 0.7 }
                }
            }
            return clips.noisy(frame, sigma: 1, index)
        }
        #expect(held == nil)
    }

    @Test func whatMovesIsLetGoAtOnceAndNothingElse() throws {
        let clips = StillClips(size)
        let picture = try clips.picture()
        let tracker = try StillnessTracker(size)
        for index in 0..<40 { try observe(tracker, clips.noisy(picture, sigma: 1.5, index)) }
        #expect(tracker.holdsAll)
        // A speck of three by three pixels within square (1, 1).
        var changed = clips.noisy(picture, sigma: 1.5, 40)
        for channel in 0..<Frame.channels {
            for y in 20..<23 {
                for x in 20..<23 { changed[channel, y, x] = 1 - changed[channel, y, x].rounded() }
            }
        }
        try observe(tracker, changed)
        let struck = tracker.grid.columns + 1
        #expect(!tracker.held[struck])
        #expect(tracker.held.filter { $0 }.count == tracker.grid.count - 1)
        #expect(tracker.referenceNumber(struck) == 2)
    }

    /// A tenth of a level per frame: another reference every twenty frames, held all the time; half
    /// a level per frame is too fast.
    @Test func slowFadesStandStillAndFastOnesDoNot() throws {
        let clips = StillClips(size)
        let picture = try clips.picture()
        func faded(_ index: Int, by step: Float) -> Frame {
            var frame = picture
            for position in frame.samples.indices {
                frame.samples[position] += Float(index) * step / 255
            }
            return clips.noisy(frame, sigma: 1.5, index)
        }
        let tracker = try StillnessTracker(size)
        for index in 0..<400 {
            try observe(tracker, faded(index, by: 0.1))
            #expect(tracker.holdsAll == (index >= Self.patience), "frame \(index)")
        }
        #expect((15...25).contains(tracker.referenceNumber(0)))
        let other = try StillnessTracker(size)
        #expect(try firstHold(other, 200) { faded($0, by: 0.5) } == nil)
    }

    /// A title over a moving picture: held once it has stood for long, the rest never.
    @Test func aTitleOverAMovingPictureIsHeldInTheEnd() throws {
        let title = try StillClips(size, seed: 9).picture()
        let scene = try SyntheticScene(seed: 2, size: size, frameCount: 200)
        let tracker = try StillnessTracker(size)
        let square = tracker.grid.columns + 2
        let area = tracker.grid.area(square)
        for index in 0..<200 {
            var frame = scene.frame(index)
            for channel in 0..<Frame.channels {
                for y in area.top..<area.bottom {
                    for x in area.left..<area.right {
                        frame[channel, y, x] = title[channel, y, x]
                    }
                }
            }
            try observe(tracker, frame)
            for other in 0..<tracker.grid.count where other != square {
                #expect(!tracker.held[other])
            }
            #expect(tracker.held[square] == (index >= StillnessTracker.longPatience))
        }
    }

    @Test func picturesWithoutNumbersAreNeverHeld() throws {
        let tracker = try StillnessTracker(size)
        let frame = Frame(size: size, filledWith: .nan)
        #expect(try firstHold(tracker, 50) { _ in frame } == nil)
    }

    @Test(arguments: [(1, 1), (7, 9), (16, 3)])
    func framesOfFewPixelsAreNotJudged(width: Int, height: Int) throws {
        let tracker = try StillnessTracker(FrameSize(width: width, height: height))
        let frame = Frame(size: tracker.grid.size, filledWith: 0.5)
        #expect(try firstHold(tracker, 50) { _ in frame } == nil)
    }

    @Test func aClipStartsWithoutTheOneBefore() throws {
        let clips = StillClips(size)
        let picture = try clips.picture()
        let tracker = try StillnessTracker(size)
        for _ in 0..<40 { try observe(tracker, picture) }
        tracker.reset()
        #expect(!tracker.holdsAny)
        #expect(try firstHold(tracker, 40) { _ in picture } == Self.patience)
    }

    @Test func gridsCoverEveryPixelOnce() {
        for (width, height) in [(1, 1), (15, 16), (33, 47), (180, 144)] {
            let grid = SquareGrid(FrameSize(width: width, height: height))
            var counts = Array(repeating: 0, count: width * height)
            for index in 0..<grid.count {
                let area = grid.area(index)
                for y in area.top..<area.bottom {
                    for x in area.left..<area.right { counts[y * width + x] += 1 }
                }
            }
            #expect(counts.allSatisfy { $0 == 1 })
        }
    }
}
