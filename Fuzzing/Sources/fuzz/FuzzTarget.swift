import Foundation
import VSRConfiguration
import VSRCore
import VSRMedia
import VSRModel

/// What reads the bytes that the fuzzer makes.
///
/// A thrown `VSRError` is the right answer to damage; a crash, a hang or a sanitizer's report is a
/// finding.
enum FuzzTarget: String, CaseIterable {
    case model, checkpoint, yaml, video

    func read(_ bytes: UnsafeRawBufferPointer) throws {
        switch self {
        case .model: try ModelFile.read(Self.file(bytes)).validate()
        case .checkpoint: try ModelImport.read(Self.file(bytes)).validate()
        case .yaml:
            _ = try ConfigurationFile.parse(
                Settings.self, yaml: String(decoding: bytes, as: UTF8.self), name: "fuzz.yml")
        case .video: try Self.readVideo(Self.file(bytes))
        }
    }

    private static func readVideo(_ path: String) throws {
        var options = VideoReaderOptions()
        options.maximumArea = 1 << 16
        options.threads = 1
        let reader = try VideoReader(path, options: options)
        for _ in 0..<50 {
            guard let frame = try reader.next() else { return }
            precondition(frame.frame.size == reader.properties.size)
        }
    }

    /// The bytes as a file in memory, the same one each time.
    private static func file(_ bytes: UnsafeRawBufferPointer) throws -> String {
        let path = "/dev/shm/slimvsr-fuzz-\(getpid())"
        guard let file = fopen(path, "w") else { throw VSRError(.io, "cannot write \(path)") }
        fwrite(bytes.baseAddress, 1, bytes.count, file)
        fclose(file)
        return path
    }
}

/// Settings of every kind that configuration files hold.
private struct Settings: Configuration {
    struct Optimizer: Configuration {
        var rate = 1e-4
        var betas = [0.9, 0.99]

        func validate() throws {}
    }

    enum Order: String, Codable { case min, max }

    var model = ""
    var iterations = 10
    var resumes = false
    var order = Order.min
    var limit: Double?
    var optimizer = Optimizer()

    func validate() throws {}
}
