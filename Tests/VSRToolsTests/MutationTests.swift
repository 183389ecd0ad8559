import Foundation
import Testing
import VSRCore
import VSRMedia
import VSRModel
import VSRTestSupport
import VSRTools

/// Damaged files end in one clear sentence or in a result, never in a crash.
///
/// The damage is seeded, so that a failure can be repeated.
@Suite struct MutationTests {
    /// A copy with a few bytes changed, cut out, repeated or cut off, more often near the start,
    /// where headers are.
    private static func mutated(_ data: Data, _ generator: inout SeededGenerator) -> Data {
        var bytes = [UInt8](data)
        for _ in 0...generator.integer(below: 4) where !bytes.isEmpty {
            let range = generator.uniform() < 0.6 ? min(bytes.count, 1200) : bytes.count
            let position = generator.integer(below: range)
            let length = min(1 + generator.integer(below: 16), bytes.count - position)
            switch generator.integer(below: 6) {
            case 0: bytes[position] ^= UInt8(1 << generator.integer(below: 8))
            case 1: bytes[position] = [0, 0xFF, 0x7F, 0x80][generator.integer(below: 4)]
            case 2: bytes[position] = UInt8(48 + generator.integer(below: 10))
            case 3: bytes.removeSubrange(position..<position + length)
            case 4: bytes.insert(contentsOf: bytes[position..<position + length], at: position)
            default: bytes.removeLast(generator.integer(below: bytes.count))
            }
        }
        return Data(bytes)
    }

    private func check(_ result: ProgramResult, _ label: String) {
        let isRefused = result.code == 1
        #expect(isRefused || result.code == 0 || result.code == 3, "\(label): \(result.code)")
        #expect(result.output.isEmpty == isRefused, "\(label)")
        // What was found on the way comes before what ended it; damage is named.
        let errors = result.remarks.filter { $0.hasPrefix("error: ") }
        #expect(errors.count == (isRefused ? 1 : 0), "\(label): \(result.remarks)")
        if let error = result.remarks.firstIndex(where: { $0.hasPrefix("error: ") }) {
            let rest = result.remarks.dropFirst(error + 1)
            #expect(rest.count <= 1 && rest.allSatisfy { $0.hasPrefix("cause: ") }, "\(label)")
        }
        let hasWarning = result.remarks.contains { $0.hasPrefix("warning: ") }
        #expect(hasWarning || result.code != 3, "\(label): \(result.remarks)")
    }

    @Test func damagedModels() throws {
        let folder = try TemporaryFolder()
        try folder.write(try SmallClips.model(), "m.safetensors")
        try SmallClips.writePictures(
            clip: 0, count: 2, size: FrameSize(width: 12, height: 9), to: folder.path("in"))
        let original = try Data(contentsOf: folder.url.appendingPathComponent("m.safetensors"))
        var generator = SeededGenerator(seed: 11)
        var refused = 0
        let count = caseCount(few: 1000, many: 10_000)
        for index in 0..<count {
            let data = Self.mutated(original, &generator)
            try data.write(to: folder.url.appendingPathComponent("bad.safetensors"))
            let inspected = CommandLineHarness.run(["inspect", folder.path("bad.safetensors")])
            check(inspected, "model \(index)")
            refused += Int(inspected.code)
            let upscaled = CommandLineHarness.run([
                "upscale", folder.path("in"), folder.path("out"), "--model",
                folder.path("bad.safetensors"), "--threads", "1",
            ])
            check(upscaled, "model \(index)")
            #expect(upscaled.code == inspected.code, "model \(index)")
            try? FileManager.default.removeItem(atPath: folder.path("out"))
        }
        // Damage that hits a weight's value only is a model still.
        #expect((count * 3 / 10...count * 995 / 1000).contains(refused), "\(refused)")
    }

    @Test func damagedVideos() throws {
        let folder = try TemporaryFolder()
        try SmallClips.writeVideo(
            count: 5, size: FrameSize(width: 32, height: 24), to: folder.path("in.mp4"))
        try folder.write(try SmallClips.model(), "m.safetensors")
        let original = try Data(contentsOf: folder.url.appendingPathComponent("in.mp4"))
        var generator = SeededGenerator(seed: 12)
        for index in 0..<caseCount(few: 60, many: 2000) {
            let data = Self.mutated(original, &generator)
            try data.write(to: folder.url.appendingPathComponent("bad.mp4"))
            let output = index % 2 == 0 ? "out.mp4" : "out"
            check(
                CommandLineHarness.run([
                    "upscale", folder.path("bad.mp4"), folder.path(output), "--model",
                    folder.path("m.safetensors"), "--threads", "1",
                ]), "video \(index)")
            try? FileManager.default.removeItem(atPath: folder.path(output))
            #expect(folder.contents == ["bad.mp4", "in.mp4", "m.safetensors"], "video \(index)")
        }
    }
}
