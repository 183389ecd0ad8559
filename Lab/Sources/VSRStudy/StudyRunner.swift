import Dispatch
import Foundation
import VSRConfiguration
import VSRCore
import VSRModel
import VSRPruning
import VSRRuntime
import VSRTools
import VSRTraining

/// Does the cells of a study that are not done yet, each step once, beside other processes that may
/// do the same.
///
/// A step that was interrupted goes on where its last checkpoint left it.
public struct StudyRunner: Sendable {
    let plan: StudyPlan
    let environment: TrainingEnvironment

    public init(_ settings: StudySettings, environment: TrainingEnvironment) throws {
        plan = try StudyPlan(settings)
        var environment = environment
        environment.isResuming = true
        self.environment = environment
    }

    var folders: StudyFolders { StudyFolders(plan.settings.output) }

    /// Seconds between two looks at what other processes do.
    private static let patience = 5.0

    /// What became of a cell or step when it was its turn.
    private enum Turn {
        case done
        case elsewhere
    }

    /// Does all cells whose name `pattern` is part of.
    ///
    /// - Throws: `cancelled` on request, once a checkpoint is written; after all that could be done,
    ///   the first error of a cell that could not.
    public func run(only pattern: String? = nil) throws {
        let cells = try plan.cells(matching: pattern)
        var open = cells
        let left = cells.filter { folders.result(of: $0) == nil }.count
        environment.note("\(left) of \(cells.count) cells are to be done")
        var failures: [(name: String, error: VSRError)] = []
        var isWaiting = false
        var announced: Set<String> = []
        while !open.isEmpty {
            var later: [StudyCell] = []
            for cell in open {
                try environment.cancellation.check()
                do {
                    if folders.result(of: cell) == nil, announced.insert(cell.name).inserted {
                        environment.note("cell \(announced.count): \(cell.name)")
                    }
                    let turn = try finish(cell)
                    if turn == .elsewhere { later.append(cell) }
                } catch let error as VSRError where error.code != .cancelled {
                    environment.note("\(cell.name) failed: \(error.message)")
                    failures.append((cell.name, error))
                }
            }
            if later.count == open.count {
                if !isWaiting {
                    environment.note(
                        "waiting for other processes at \(later.map(\.name).joined(separator: ", "))"
                    )
                }
                isWaiting = true
                try wait()
            } else {
                isWaiting = false
            }
            open = later
        }
        try writeResults()
        if let first = failures.first {
            throw VSRError(
                first.error.code,
                "\(failures.count) of \(cells.count) cells failed, first \(first.name): "
                    + first.error.message, cause: first.error.cause)
        }
    }

    private func wait() throws {
        let end = Date().addingTimeInterval(Self.patience)
        while Date() < end {
            try environment.cancellation.check()
            Thread.sleep(forTimeInterval: 0.1)
        }
    }

    private func finish(_ cell: StudyCell) throws -> Turn {
        if folders.result(of: cell) != nil { return .done }
        for step in cell.step?.chain ?? [] {
            let turn = try holding(folders.path(of: step), unless: { folders.isDone(step) }) {
                try perform(step, under: $0)
            }
            if turn == .elsewhere { return .elsewhere }
        }
        let turn = try holding(folders.path(of: cell), unless: { folders.result(of: cell) != nil })
        {
            try measure(cell, under: $0)
        }
        if turn == .done { try writeResults() }
        return turn
    }

    /// Does `work` in a folder unless it is done, while nobody else does.
    private func holding(
        _ folder: String, unless isDone: () -> Bool, _ work: (TrainingEnvironment) throws -> Void
    ) throws -> Turn {
        if isDone() { return .done }
        // A lease that is lost stops this folder's work, not the study.
        let cancellation = Cancellation(parent: environment.cancellation)
        guard let lease = try FolderLease.take(folder, lost: { cancellation.request() }) else {
            return .elsewhere
        }
        defer { lease.giveBack() }
        // Somebody may have finished between the question and the lease.
        if isDone() { return .done }
        var own = environment
        own.cancellation = cancellation
        do {
            try work(own)
        } catch let error as VSRError where error.code == .cancelled && lease.isLost {
            environment.note("another process has taken over \(folder)")
            return .elsewhere
        }
        return .done
    }

    /// Makes a step's model.
    private func perform(_ step: StudyStep, under environment: TrainingEnvironment) throws {
        let folder = folders.path(of: step)
        let input = step.input.map { folders.model(of: $0.step) } ?? step.parent.path
        let start = DispatchTime.now().uptimeNanoseconds
        let output = folders.model(of: step)
        switch step.work {
        case .prune(let settings):
            _ = try OneShotPruning(settings).prune(try ModelReference(input), to: output)
        case .compensate(let settings, let clips, let seed):
            var pruning = try CompensatedPruning(settings)
            pruning.clips.seed = seed
            pruning.options.progress = environment.progress
            pruning.options.cancellation = environment.cancellation
            _ = try pruning.prune(
                try ModelReference(input), on: try expandingVariables(clips), to: output)
        case .initialize(let settings, let seed):
            try ModelFile.write(
                try Self.initialized(like: step.parent.model, settings, seed: seed), to: output)
        case .compress(var settings):
            (settings.model, settings.output) = (input, folder)
            _ = try Compress.run(settings, environment: environment)
        case .refit(let clips, let seed):
            try refit(step, on: clips, seed: seed, under: environment)
        case .finetune(var settings):
            (settings.model, settings.output) = (input, folder)
            _ = try Finetune.run(settings, environment: environment)
        }
        let seconds = Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
        try folders.note(step, seconds: seconds)
    }

    /// Refits what the step before has left to the parent.
    private func refit(
        _ step: StudyStep, on clips: String, seed: UInt64, under environment: TrainingEnvironment
    ) throws {
        guard let before = step.input?.step else { return }
        var refit = CompensatedRefit()
        refit.clips.seed = seed
        let threads = plan.settings.run.threads
        refit.options.threads = threads > 0 ? threads : nil
        refit.options.progress = environment.progress
        refit.options.cancellation = environment.cancellation
        let selection = try JSONText.read(
            PruningSelection.self, from: "\(folders.path(of: before))/selection.json",
            as: "a selection")
        let slim = try ModelFile.read(folders.model(of: before))
        let calibration = try refit.calibration(
            on: try expandingVariables(clips), scale: slim.blueprint.scale,
            degradation: slim.metadata[MetadataKey.degradation])
        try ModelFile.write(
            refit.refitted(slim, to: step.parent.model, without: selection, on: calibration),
            to: folders.model(of: step))
    }

    /// A network of the width that aligned pruning leaves, with new weights but the parent's flow
    /// network.
    private static func initialized(
        like parent: Model, _ settings: PruningSettings, seed: UInt64
    ) throws -> Model {
        let narrow = try OneShotPruning(settings).pruned(parent).model
        var model = try Model.initialized(narrow.blueprint, seed: seed)
        for layer in narrow.blueprint.layers {
            guard case .flow = layer.part else { continue }
            for (key, _) in layer.tensors { model.tensors[key] = parent.tensors[key] }
        }
        model.metadata[MetadataKey.degradation] = parent.metadata[MetadataKey.degradation]
        return model
    }

    /// Measures a cell's network and writes its result.
    private func measure(_ cell: StudyCell, under environment: TrainingEnvironment) throws {
        var result = StudyResults.Cell(
            name: cell.name, key: cell.key, parent: cell.parent.name,
            method: cell.method.rawValue, note: cell.method.recipe.note,
            target: cell.target?.description, seed: cell.seed)
        let scale = cell.parent.model.blueprint.scale
        let method: UpscalingMethod
        if cell.method == .bicubic {
            method = try UpscalingMethod(UpscalingMethod.bicubicName, scale: scale)
        } else {
            let model =
                try cell.step.map { try ModelFile.read(folders.model(of: $0)) } ?? cell.parent.model
            method = UpscalingMethod(model, name: cell.name)
            result.costs = StudyResults.CellCosts(model.blueprint.costs())
            result.time = try time(model, cell.name, environment)
        }
        for step in cell.step?.chain ?? [] {
            result.regularizationIterations += step.iterations.regularization
            result.finetuningIterations += step.iterations.finetuning
            result.seconds += folders.seconds(of: step)
            result.steps.append("steps/\(step.name)")
        }
        result.model = cell.step.map { "steps/\($0.name)/model.safetensors" }
        var options = UpscalerOptions()
        options.precision = .fp32
        options.threads =
            plan.settings.run.threads > 0 ? plan.settings.run.threads : options.threads
        options.cancellation = environment.cancellation
        for folder in plan.settings.evaluations {
            var evaluation = Evaluation()
            evaluation.chooseDegradation(
                cell.method == .bicubic
                    ? UpscalingMethod(cell.parent.model, name: "").degradation : nil, for: method)
            let path = try expandingVariables(folder)
            let outcome = try evaluation.run(
                method, on: path, options: options, progress: environment.progress,
                cancellation: environment.cancellation)
            result.quality.append(
                StudyResults.Quality(
                    dataSet: (path as NSString).lastPathComponent, outcome))
        }
        try folders.write(result, of: cell)
    }

    private func time(
        _ model: Model, _ name: String, _ environment: TrainingEnvironment
    ) throws -> StudyResults.Time? {
        guard plan.settings.timedFrames > 0 else { return nil }
        var benchmark = Benchmark()
        benchmark.frames = plan.settings.timedFrames
        benchmark.timesLayers = false
        return StudyResults.Time(
            try benchmark.run(model, name: name, cancellation: environment.cancellation))
    }

    /// Writes `results.json` and `results.csv` from the cells of this study that are done.
    private func writeResults() throws {
        let results = StudyResults(
            title: plan.settings.title,
            settings: try ConfigurationFile.yaml(of: plan.settings),
            parents: Dictionary(
                plan.cells.map { ($0.parent.name, $0.parent.model.blueprint) },
                uniquingKeysWith: { first, _ in first }),
            cells: plan.cells.compactMap { folders.result(of: $0) })
        try JSONText.write(results, to: "\(folders.root)/\(StudyResults.fileName)")
        try AtomicFile.write(Data(results.csv.utf8), to: "\(folders.root)/results.csv")
    }
}
