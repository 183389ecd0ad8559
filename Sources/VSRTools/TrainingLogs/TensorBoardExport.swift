import Foundation
import VSRCore

/// Writes the logs of training runs, and the results of studies, as event files for TensorBoard.
///
/// Every folder with a `log.jsonl` becomes a run of the same relative path. Numbers keep the names
/// that they have in the log: `means/loss`, `rate`, `validation/psnr`. Cells of a study's
/// `results.json` become runs named `cells/…`, with quality, costs and time per frame.
public struct TensorBoardExport: Sendable {
    /// What was written.
    public struct Outcome: Sendable, Equatable {
        /// Relative paths of the runs, in order.
        public var runs: [String] = []
        public var scalars = 0
        /// Logs' lines that are no JSON, as a killed run leaves: a sentence for each file.
        public var remarks: [String] = []
    }

    public init() {}

    /// - Parameters:
    ///   - folder: A run's folder, a study's, or one that holds such folders.
    ///   - output: The folder for the event files; `tensorboard --logdir` takes it.
    /// - Throws: `notFound` where there is neither a log nor results in `folder`, `corruptData` for
    ///   results that are none, `io`.
    public func write(_ folder: String, to output: String) throws -> Outcome {
        var outcome = Outcome()
        for name in try files(named: TrainingLogFile.name, in: folder) {
            let run = (name as NSString).deletingLastPathComponent
            try export(log: "\(folder)/\(name)", as: run, to: output, &outcome)
        }
        for name in try files(named: "results.json", in: folder) {
            let path = "\(folder)/\(name)"
            let results: StudyResults = try JSONText.read(from: path, as: "results of a study")
            for cell in results.cells {
                try export(
                    cell, as: joined((name as NSString).deletingLastPathComponent, cell.name),
                    time: modified(path), to: output, &outcome)
            }
        }
        guard !outcome.runs.isEmpty else {
            throw VSRError(
                .notFound,
                "\(folder) holds neither a run's log.jsonl nor a study's results.json: name the "
                    + "output folder of a run or a study")
        }
        return outcome
    }

    /// Relative paths, sorted.
    private func files(named name: String, in folder: String) throws -> [String] {
        do {
            return try FileManager.default.subpathsOfDirectory(atPath: folder)
                .filter { ($0 as NSString).lastPathComponent == name }.sorted()
        } catch {
            throw VSRError(.notFound, "cannot read the folder \(folder)", cause: error)
        }
    }

    private func export(
        log path: String, as run: String, to output: String, _ outcome: inout Outcome
    ) throws {
        let log = try TrainingLogFile(path: path)
        var entries: [(step: Int, scalars: [(tag: String, value: Double)], seconds: Double)] = []
        for line in log.lines {
            // Whatever numbers there are, of later versions too.
            guard let entry = line.entry,
                let object = try? JSONSerialization.jsonObject(with: line.text) as? [String: Any]
            else { continue }
            entries.append(
                (
                    entry.iteration, scalars(object.filter { $0.key != "iteration" }), line.seconds
                ))
        }
        if log.unreadLines > 0 {
            outcome.remarks.append(
                "\(path): \(log.unreadLines) of its lines are no log entries and were left out")
        }
        // Lines have no time of their own: the last is as old as the file.
        var time = modified(path) - entries.reduce(0) { $0 + $1.seconds }
        var file = EventFile(wallTime: time)
        for entry in entries {
            time += entry.seconds
            for scalar in entry.scalars {
                file.add(scalar.tag, scalar.value, step: entry.step, wallTime: time)
            }
            outcome.scalars += entry.scalars.count
        }
        try write(file, as: run, to: output, &outcome)
    }

    private func export(
        _ cell: StudyResults.Cell, as run: String, time: Double, to output: String,
        _ outcome: inout Outcome
    ) throws {
        var file = EventFile(wallTime: time)
        let step = cell.regularizationIterations + cell.finetuningIterations
        var scalars = [("seconds", cell.seconds)]
        if let costs = cell.costs {
            scalars += [
                ("GMAC", Double(costs.macs) / 1e9), ("parameters", Double(costs.parameters)),
            ]
        }
        if let time = cell.time { scalars.append(("milliseconds", time.milliseconds.median)) }
        for quality in cell.quality {
            scalars += [
                ("psnr/\(quality.dataSet)", quality.mean.psnr),
                ("ssim/\(quality.dataSet)", quality.mean.ssim),
            ]
        }
        for (tag, value) in scalars where value.isFinite {
            file.add(tag, value, step: step, wallTime: time)
            outcome.scalars += 1
        }
        try write(file, as: run, to: output, &outcome)
    }

    /// Numbers by the path of their keys; texts, lists and numbers that are not finite are left out.
    private func scalars(_ object: [String: Any], in group: String = "") -> [(String, Double)] {
        object.sorted { $0.key < $1.key }.flatMap { key, value -> [(String, Double)] in
            let tag = joined(group, key)
            if let inner = value as? [String: Any] { return scalars(inner, in: tag) }
            guard let number = value as? NSNumber, number.doubleValue.isFinite else { return [] }
            return [(tag, number.doubleValue)]
        }
    }

    private func write(
        _ file: EventFile, as run: String, to output: String, _ outcome: inout Outcome
    ) throws {
        let folder = run.isEmpty ? output : "\(output)/\(run)"
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw VSRError(.io, "cannot make the folder \(folder)", cause: error)
        }
        // One name, so that writing again replaces what was written before.
        try AtomicFile.write(file.data, to: "\(folder)/events.out.tfevents.slimvsr")
        outcome.runs.append(run.isEmpty ? "." : run)
    }

    private func joined(_ group: String, _ name: String) -> String {
        group.isEmpty ? name : "\(group)/\(name)"
    }

    private func modified(_ path: String) -> Double {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        return (attributes?[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
    }
}
