import Foundation
import Testing
import VSRCore
import VSRTestSupport

@testable import VSRMedia

/// Damaged and hostile files: whatever bytes come, reading ends in frames or in a `VSRError`.
@Suite struct MutationTests {
    /// Changes bytes, cuts or doubles parts: never the same file.
    static func mutated(_ data: Data, _ generator: inout SeededGenerator) -> Data {
        var bytes = [UInt8](data)
        // The first kilobyte and the index hold the structure: aim there in half of the cases.
        for _ in 0..<1 + generator.integer(below: 12) {
            let span = generator.next() & 1 == 0 ? min(1200, bytes.count) : bytes.count
            let place = generator.integer(below: span)
            switch generator.integer(below: 5) {
            case 0: bytes[place] ^= 1 << UInt8(generator.integer(below: 8))
            case 1: bytes[place] = UInt8(truncatingIfNeeded: generator.next())
            case 2: bytes[place] = 0xFF
            case 3:
                for offset in place..<min(place + 4, bytes.count) { bytes[offset] = 0xFF }
            default:
                let end = min(place + 1 + generator.integer(below: 64), bytes.count)
                bytes.insert(contentsOf: bytes[place..<end], at: place)
            }
        }
        if generator.integer(below: 8) == 0 {
            bytes.removeLast(generator.integer(below: bytes.count))
        }
        return Data(bytes)
    }

    /// Reads all frames; at most `limit`, more than any mutation of a small file should yield.
    private static func read(_ path: String, limit: Int) throws -> Int {
        var options = VideoReaderOptions()
        options.maximumArea = 1 << 20
        options.threads = 1
        let reader = try VideoReader(path, options: options)
        var last = Int64.min
        var count = 0
        while count < limit, let frame = try reader.next() {
            #expect(frame.frame.size == reader.properties.size)
            #expect(frame.timestamp > last)
            last = frame.timestamp
            count += 1
        }
        return count
    }

    /// Upscales by doubling pixels, the sound of the damaged file copied.
    private static func transcode(_ path: String, to output: String) throws {
        var options = VideoReaderOptions()
        options.maximumArea = 1 << 16
        options.threads = 1
        let reader = try VideoReader(path, options: options)
        var fast = VideoWriterOptions()
        fast.preset = "ultrafast"
        fast.threads = 1
        let writer = try VideoWriter(
            output, size: reader.properties.size, like: reader.properties, options: fast)
        var count = 0
        while count < 60, let frame = try reader.next() {
            try writer.write(frame)
            count += 1
        }
        try writer.finish()
    }

    @Test(.timeLimit(.minutes(caseCount(few: 10, many: 30))), arguments: ["mp4", "mkv"])
    func mutatedVideosNeverCrash(suffix: String) throws {
        let folder = try TemporaryFolder()
        let tone = folder.path("tone.mkv")
        try TestStreams.writeAudio(tone, encoder: "aac", seconds: 0.5)
        try VideoRoundTripTests.write(
            folder.path("a.\(suffix)"), times: (0..<12).map { Int64($0) * 3600 },
            like: VideoRoundTripTests.properties(path: tone))
        let original = try Data(contentsOf: URL(fileURLWithPath: folder.path("a.\(suffix)")))
        var generator = SeededGenerator(seed: suffix == "mp4" ? 1 : 2)
        var outcomes = (errors: 0, frames: 0)
        for index in 0..<caseCount(few: 50, many: 1000) {
            let path = folder.path("mutated\(index).\(suffix)")
            try Self.mutated(original, &generator).write(to: URL(fileURLWithPath: path))
            do {
                outcomes.frames += try Self.read(path, limit: 10_000)
                try Self.transcode(path, to: folder.path("out\(index).\(suffix)"))
            } catch is VSRError {
                outcomes.errors += 1
            }
            try FileManager.default.removeItem(atPath: path)
        }
        // Both outcomes occur, or the mutations would be too weak or too strong to show anything.
        #expect(outcomes.errors > 0 && outcomes.frames > 0)
        // What failed left nothing behind.
        #expect(try folder.entries().allSatisfy { !$0.hasPrefix(".") })
    }

    @Test(arguments: [ImageFormat.png, .jpeg])
    func mutatedPicturesNeverCrash(format: ImageFormat) throws {
        let frame = TestPictures.smooth(FrameSize(width: 48, height: 32), frame: 1)
        let original = try ImageFile.encode(frame, as: format)
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<caseCount(few: 300, many: 10_000) {
            let data = Self.mutated(original, &generator)
            do {
                _ = try ImageFile.decode(data, name: "mutated", maximumArea: 1 << 20)
            } catch is VSRError {}
        }
    }
}
