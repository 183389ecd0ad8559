import Foundation
import Testing
import VSRCore
import VSRModel
import VSRRuntime
import VSRTestSupport

@Suite struct DocumentationTests {
    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Lines without their indentation, so that code may stand deeper in a function.
    private static func lines(_ text: some StringProtocol) -> [String] {
        text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
    }

    @Test func codeOfTheRuntimesDocumentIsCompiledCode() throws {
        let text = try String(
            contentsOf: Self.root.appendingPathComponent("docs/runtime.md"), encoding: .utf8)
        let blocks = text.components(separatedBy: "```swift\n").dropFirst().map {
            Self.lines($0.components(separatedBy: "```")[0])
        }
        #expect(blocks.count >= 3)
        let sources =
            [#filePath]
            + ["Upscaling.swift", "PlanarPicture.swift"].map {
                Self.root.appendingPathComponent(
                    "Examples/EmbeddedUpscaler/Sources/embedded-upscaler/\($0)"
                ).path
            }
        let code = try sources.map {
            Self.lines(try String(contentsOf: URL(fileURLWithPath: $0), encoding: .utf8))
                .joined(separator: "\n") + "\n"
        }
        for block in blocks {
            let wanted = block.joined(separator: "\n") + "\n"
            #expect(code.contains { $0.contains(wanted) }, "\(wanted)")
        }
    }

    private func model(_ path: String) throws -> Model {
        var random = SeededGenerator(seed: 41)
        let model = random.model(.bidirectional, scale: 2)
        try ModelFile.write(model, to: path)
        return model
    }

    @Test func framesGoThroughAsASequence() async throws {
        let folder = try TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        let path = folder.path("model.safetensors")
        let written = try model(path)
        var random = SeededGenerator(seed: 42)
        let clip = random.clip(FrameSize(width: 6, height: 4), count: 3)
        let frames = AsyncStream { continuation in
            clip.forEach { continuation.yield($0) }
            continuation.finish()
        }
        var shown: [Frame] = []
        func show(_ frame: Frame) { shown.append(frame) }

        let model = try ModelFile.read(path)
        for try await frame in frames.upscaled(by: model) {
            show(frame)
        }

        let expected = try Upscaler(model: written).upscale(clip: clip)
        #expect(shown.count == 3)
        // Up to other orders of sums: see UpscalerChecks.
        #expect(
            relativeError(shown.flatMap(\.samples), expected.flatMap(\.samples)) <= 5e-5)
    }

    @Test func pixelsGoThroughTheCallersMemory() throws {
        var random = SeededGenerator(seed: 43)
        let model = random.model(.bidirectional, scale: 2)
        let size = FrameSize(width: 6, height: 4)
        let pictures = (0..<3).map { _ in
            (0..<3 * size.area).map { _ in UInt8(random.integer(below: 256)) }
        }
        var output = [UInt8](repeating: 0, count: 3 * size.scaled(by: 2).area)
        var shown: [[UInt8]] = []
        func show(_ pixels: [UInt8]) { shown.append(pixels) }

        var options = UpscalerOptions()
        options.threads = 2
        let upscaler = try Upscaler(model: model, frameSize: size, options: options)
        func showReadyFrames() throws {
            while upscaler.readyFrames > 0 {
                try output.withUnsafeMutableBufferPointer {
                    try upscaler.pull(
                        into: .interleavedBytes($0, size: size.scaled(by: upscaler.scale)))
                }
                show(output)
            }
        }
        for pixels in pictures {  // [UInt8], three per pixel
            try pixels.withUnsafeBufferPointer {
                _ = try upscaler.push(.interleavedBytes($0, size: size))
            }
            try showReadyFrames()
        }
        try upscaler.endClip()
        try showReadyFrames()  // what was held back

        #expect(shown.count == 3)
        let frames = pictures.map { pixels in
            Frame(
                size: size,
                samples: (0..<3).flatMap { channel in
                    (0..<size.area).map { Float(pixels[3 * $0 + channel]) / 255 }
                })
        }
        let expected = try Upscaler(model: model, options: options).upscale(clip: frames)
            .map { ByteFrame(rounding: $0) }
        for (pixels, frame) in zip(shown, expected) {
            let wanted = (0..<frame.size.area).flatMap { index in
                (0..<3).map { frame.samples[$0 * frame.size.area + index] }
            }
            // Other orders of sums may tip a rounding.
            #expect(zip(pixels, wanted).allSatisfy { abs(Int($0) - Int($1)) <= 1 })
        }
    }
}
