import Foundation
import VSRCore
import VSRMedia

/// VMAF as the system's ffmpeg program measures it, where that has the filter libvmaf.
struct VMAF {
    let program: String

    /// Fills in VMAF, or notes in one sentence why there is none.
    ///
    /// - Throws: `cancelled`.
    func measure(
        _ comparison: VideoComparison, _ outcome: inout VideoComparison.Outcome,
        progress: ProgressHandler?, _ cancellation: Cancellation?
    ) throws {
        if let reason = reasonAgainst(outcome) {
            outcome.notes.append("VMAF is not measured: \(reason)")
            return
        }
        let target = comparison.reference ?? comparison.second
        let results = outcome.pairs.count
        for index in 0..<results {
            try cancellation?.check()
            progress?(
                ProgressUpdate("measure VMAF", completed: index, total: results, unit: "videos"))
            let scores = scores(of: comparison.paths[index], against: target, cancellation)
            try cancellation?.check()
            guard let scores, scores.count == outcome.frameCount else {
                outcome.notes.append(
                    "VMAF is not measured: ffmpeg could not measure \(comparison.paths[index])")
                break
            }
            outcome.pairs[index].vmafFrames = scores
            outcome.pairs[index].vmaf = FigureStatistics(scores)
        }
        progress?(
            ProgressUpdate("measure VMAF", completed: results, total: results, unit: "videos"))
    }

    private func reasonAgainst(_ outcome: VideoComparison.Outcome) -> String? {
        guard outcome.sources.allSatisfy({ $0.frameRate != nil }) else {
            return "pictures are compared, it is one of videos"
        }
        guard outcome.sources.allSatisfy({ $0.dropped == 0 && $0.enlarged == 1 }),
            !outcome.notes.contains(where: { $0.hasPrefix("only the first") })
        else {
            return "it needs whole videos of one size and the same frames"
        }
        let filters = run(["-hide_banner", "-filters"], nil)
        guard let filters else { return "there is no program \(program)" }
        guard filters.contains(" libvmaf ") else {
            return "\(program) is without the filter libvmaf"
        }
        return nil
    }

    private struct Log: Decodable {
        struct Frame: Decodable {
            var metrics: [String: Double]
        }
        var frames: [Frame]
    }

    private func scores(
        of path: String, against reference: String, _ cancellation: Cancellation?
    ) -> [Double]? {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("slimvsr-vmaf-\(UUID().uuidString)")
        try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        // The filter's options are parsed, so that the log goes by a name without special characters.
        let graph =
            "[0:v]setpts=N/25/TB[a];[1:v]setpts=N/25/TB[b];"
            + "[a][b]libvmaf=log_fmt=json:log_path=vmaf.json"
        let arguments = [
            "-nostdin", "-v", "error", "-i", Self.absolute(path), "-i", Self.absolute(reference),
            "-lavfi", graph, "-f", "null", "-",
        ]
        guard run(arguments, folder, cancellation) != nil,
            let data = try? Data(contentsOf: folder.appendingPathComponent("vmaf.json")),
            let log = try? JSONDecoder().decode(Log.self, from: data)
        else { return nil }
        let scores = log.frames.compactMap { $0.metrics["vmaf"] }
        return scores.count == log.frames.count ? scores : nil
    }

    /// With a protocol, so that no character of the name is taken for another.
    private static func absolute(_ path: String) -> String {
        "file:" + URL(fileURLWithPath: path).path
    }

    /// What the program prints; `nil` where it is missing or fails.
    private func run(
        _ arguments: [String], _ folder: URL?, _ cancellation: Cancellation? = nil
    ) -> String? {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program] + arguments
        process.currentDirectoryURL = folder
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return nil }
        let watch = Thread {
            while process.isRunning {
                if (try? cancellation?.check()) == nil, cancellation != nil { process.terminate() }
                usleep(100_000)
            }
        }
        if cancellation != nil { watch.start() }
        let text = String(
            decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return process.terminationStatus == 0 ? text : nil
    }
}
