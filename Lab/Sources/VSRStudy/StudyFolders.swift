import Foundation
import VSRCore
import VSRModel
import VSRTools

/// Where a study keeps what is done: `steps/KIND-KEY/` with a model each, `cells/NAME-KEY/` with a
/// result each.
struct StudyFolders: Sendable {
    let root: String

    init(_ root: String) { self.root = root }

    func path(of step: StudyStep) -> String { "\(root)/steps/\(step.name)" }
    func path(of cell: StudyCell) -> String { "\(root)/cells/\(cell.folderName)" }
    func model(of step: StudyStep) -> String { "\(path(of: step))/model.safetensors" }

    /// A step is done once its time is noted, which is the last that is written.
    func isDone(_ step: StudyStep) -> Bool {
        note(of: step) != nil && FileManager.default.fileExists(atPath: model(of: step))
    }

    private struct StepNote: Codable {
        var key: String
        var seconds: Double
    }

    private func note(of step: StudyStep) -> StepNote? {
        let path = "\(path(of: step))/step.json"
        guard let note = try? JSONText.read(StepNote.self, from: path, as: "a step's note"),
            note.key == step.key
        else { return nil }
        return note
    }

    /// Seconds that a step took: of training by its log, whose lines count every iteration once
    /// however often a run was interrupted, of other work by the clock.
    func seconds(of step: StudyStep) -> Double {
        guard let seconds = log(of: step)?.seconds, seconds > 0 else {
            return note(of: step)?.seconds ?? 0
        }
        return seconds
    }

    func note(_ step: StudyStep, seconds: Double) throws {
        try JSONText.write(
            StepNote(key: step.key, seconds: seconds), to: "\(path(of: step))/step.json")
    }

    /// A cell's result where it is done.
    func result(of cell: StudyCell) -> StudyResults.Cell? {
        let path = "\(path(of: cell))/result.json"
        guard
            let result = try? JSONText.read(
                StudyResults.Cell.self, from: path, as: "a cell's result"),
            result.key == cell.key
        else { return nil }
        return result
    }

    func write(_ result: StudyResults.Cell, of cell: StudyCell) throws {
        try JSONText.write(result, to: "\(path(of: cell))/result.json")
    }

    private func log(of step: StudyStep) -> TrainingLogFile? {
        try? TrainingLogFile(path: "\(path(of: step))/\(TrainingLogFile.name)")
    }

    /// Iterations that a training step has done.
    func progress(of step: StudyStep) -> Int { log(of: step)?.entries.last?.iteration ?? 0 }
}
