import Foundation
import Synchronization
import Torch
import VSRCore
import VSRData
import VSRTools

/// How long a training waits for clips that do not fit into memory.
///
/// Scenes are rendered into folders of PNG pictures; the same finetuning then runs with a tenth of
/// them in memory and with all of them.
public struct DataBenchmark: Codable, Equatable, Sendable {
    /// The clips that are rendered.
    public struct ClipSet: Codable, Equatable, Sendable {
        public var clips = 60
        public var frames = 24
        public var size = FrameSize(width: 320, height: 180)
        public var seed: UInt64 = 1

        public init() {}
    }

    /// What one of the trainings took.
    public struct Pass: Codable, Equatable, Sendable {
        /// `data.memory`.
        public var memoryBytes: Int
        /// Seconds of all iterations.
        public var seconds: Double
        /// Share of the time spent waiting for data: of the whole run, and of each line of the log.
        public var waitShare: Double
        public var lineWaitShares: [Double]
        /// What the run said.
        public var remarks: [String]
    }

    public var set: ClipSet
    /// Bytes of all frames, decoded, and of their files.
    public var decodedBytes: Int
    public var fileBytes: Int
    public var iterations: Int
    /// With a tenth of the clips in memory.
    public var streamed: Pass
    /// With all of them.
    public var kept: Pass
    /// Whether both trainings gave the same weights, bit for bit.
    public var areEqual: Bool

    /// Renders the clips, trains twice and removes all that was written.
    ///
    /// - Parameter configuration: `data.clips`, `data.memory`, `output` and `validation` are not
    ///   followed.
    /// - Throws: what rendering, writing and training throw; `cancelled`.
    public init(
        _ configuration: Finetune.Configuration, set: ClipSet, environment: TrainingEnvironment
    ) throws {
        self.set = set
        iterations = configuration.iterations
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("slimvsr-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var writing = LoadingOptions()
        writing.progress = environment.progress
        writing.cancellation = environment.cancellation
        fileBytes = try ClipSource.writePictures(
            of: ClipSource.scenes(set.clips, seed: set.seed, size: set.size, frames: set.frames),
            to: "\(folder)/clips", options: writing)
        var configuration = configuration
        configuration.data.clips = "\(folder)/clips"
        configuration.validation = ValidationSettings()
        let sources = try ClipLayout.clips.clips(at: "\(folder)/clips").map(\.groundTruth)
        decodedBytes = try StreamedClips.expectedBytes(of: sources, scale: 4)
        (streamed, kept, areEqual) = try Self.passes(
            configuration, decodedBytes, folder, environment)
    }

    private static func passes(
        _ configuration: Finetune.Configuration, _ bytes: Int, _ folder: String,
        _ environment: TrainingEnvironment
    ) throws -> (Pass, Pass, Bool) {
        var configuration = configuration
        func pass(_ name: String, _ memory: Int) throws -> (Pass, Finetune.Outcome) {
            configuration.output = "\(folder)/\(name)"
            configuration.data.memory = MemorySize(bytes: memory)
            let remarks = Mutex<[String]>([])
            var quiet = environment
            quiet.note = { remark in remarks.withLock { $0.append(remark) } }
            let model = try Finetune.run(configuration, environment: quiet)
            return (try Self.pass(of: configuration, remarks.withLock { $0 }), model)
        }
        let (streamed, first) = try pass("streamed", bytes / 10)
        let (kept, second) = try pass("kept", bytes)
        return (streamed, kept, first == second)
    }

    private static func pass(
        of configuration: Finetune.Configuration, _ remarks: [String]
    ) throws -> Pass {
        let log = try TrainingLogFile(path: "\(configuration.output)/\(RunFile.log)")
        let shares = log.entries.compactMap(\.dataWaitShare)
        let total = log.seconds
        let waited = log.lines.reduce(0) { $0 + $1.seconds * ($1.entry?.dataWaitShare ?? 0) }
        return Pass(
            memoryBytes: configuration.data.memory.bytes, seconds: total,
            waitShare: waited / max(total, 1e-9), lineWaitShares: shares, remarks: remarks)
    }
}

extension DataBenchmark {
    /// The figures for a terminal.
    public var text: String {
        func megabytes(_ bytes: Int) -> String { String(format: "%.1f MB", Double(bytes) / 1e6) }
        func line(_ name: String, _ pass: Pass) -> String {
            let later = pass.lineWaitShares.dropFirst().max() ?? 0
            return String(
                format: "%@, %@ of memory: %.1f iterations/s, waiting share %.2f %% "
                    + "(%.2f %% at most in a line of the log after the first)", name,
                megabytes(pass.memoryBytes), Double(iterations) / max(pass.seconds, 1e-9),
                100 * pass.waitShare, 100 * later)
        }
        let head =
            "\(set.clips) clips of \(set.frames) frames of \(set.size), seed \(set.seed): "
            + "\(megabytes(decodedBytes)) decoded, \(megabytes(fileBytes)) of PNG files; "
            + "\(iterations) iterations"
        return
            ([head, line("streamed", streamed)] + streamed.remarks
            + [
                line("kept", kept),
                areEqual
                    ? "weights are equal bit for bit" : "weights DIFFER: batches were not the same",
            ]).joined(separator: "\n")
    }
}
