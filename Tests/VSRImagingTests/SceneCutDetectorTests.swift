import Foundation
import Testing
import VSRCore
import VSRImaging

@Suite struct SceneCutDetectorTests {
    private static let size = FrameSize(width: 128, height: 96)

    /// A smooth random texture, seen from a place that moves; each seed is a scene.
    private static func scene(
        _ seed: UInt64, at time: Double, gain: Float = 0.4, offset: Float = 0.5
    ) -> Picture {
        var random = SeededGenerator(seed: seed)
        let waves = (0..<12).map { _ in
            (
                Double(random.uniform()) * 1.4 - 0.7, Double(random.uniform()) * 1.4 - 0.7,
                Double(random.uniform()) * 6.28
            )
        }
        var frame = Frame(size: size)
        for y in 0..<size.height {
            for x in 0..<size.width {
                var sum = 0.0
                for (u, v, phase) in waves {
                    sum += cos(u * (Double(x) + 3 * time) + v * (Double(y) - time) + phase)
                }
                let value = offset + gain * Float(sum / 6)
                for channel in 0..<3 { frame[channel, y, x] = value }
            }
        }
        return .rgb(frame)
    }

    private static func cuts(_ pictures: [Picture]) -> [Int] {
        let detector = SceneCutDetector()
        return pictures.indices.filter { index in
            detector.beginsScene(
                pictures[index],
                followedBy: index + 1 < pictures.count ? pictures[index + 1] : nil)
        }
    }

    private static func clip(_ seed: UInt64, _ count: Int) -> [Picture] {
        (0..<count).map { scene(seed, at: Double($0)) }
    }

    @Test func aSceneOfItsOwnHasNoCut() {
        for seed in 1...4 as ClosedRange<UInt64> { #expect(Self.cuts(Self.clip(seed, 8)) == []) }
        #expect(Self.cuts(Self.clip(1, 1)) == [] && Self.cuts([]) == [])
    }

    @Test func anotherSceneIsFoundWhereItBegins() {
        for seed in 1...4 as ClosedRange<UInt64> {
            let joined = Self.clip(seed, 5) + Self.clip(seed + 10, 3) + Self.clip(seed + 20, 4)
            #expect(Self.cuts(joined) == [5, 8], "seed \(seed)")
        }
        // Right behind the first frame, and at the last.
        #expect(Self.cuts(Self.clip(1, 1) + Self.clip(11, 4)) == [1])
        #expect(Self.cuts(Self.clip(1, 4) + Self.clip(11, 1)) == [4])
    }

    @Test func flashesFadesAndDissolvesAreNoCuts() {
        let clip = Self.clip(3, 9)
        for flash in [
            Picture.rgb(Frame(size: Self.size, filledWith: 1)), .rgb(Frame(size: Self.size)),
            Self.scene(3, at: 4, gain: 0.1, offset: 0.9), Self.scene(17, at: 0),
        ] {
            var flashed = clip
            flashed[4] = flash
            #expect(Self.cuts(flashed) == [])
        }
        let fade = (0..<10).map { Self.scene(3, at: Double($0), gain: 0.4 * Float(9 - $0) / 9) }
        #expect(Self.cuts(fade) == [])
        let other = Self.clip(13, 9)
        let dissolve: [Picture] = (0..<9).map { index in
            let share = Float(index) / 8
            var frame = clip[index].frame
            for (position, value) in other[index].frame.samples.enumerated() {
                frame.samples[position] += share * (value - frame.samples[position])
            }
            return .rgb(frame)
        }
        #expect(Self.cuts(dissolve) == [])
    }

    @Test func smallBlankAndUnequalPicturesAreNoCuts() {
        for side in [1, 2, 7] {
            let size = FrameSize(width: side, height: 9 - side)
            let pictures = (0..<4).map { Picture.rgb(Frame(size: size, filledWith: Float($0) / 4)) }
            #expect(Self.cuts(pictures) == [])
        }
        let sizes = [4, 8, 16].map { Picture.rgb(Frame(size: FrameSize(width: $0, height: 4))) }
        #expect(Self.cuts(sizes) == [])
    }
}
