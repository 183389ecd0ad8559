import Foundation
import VSRCore
import VSRModel
import VSRPruning
import VSRTools

extension StudyPlan {
    /// The cells whose name `pattern` is part of.
    ///
    /// - Throws: `invalidArgument` where there is none.
    func cells(matching pattern: String?) throws -> [StudyCell] {
        guard let pattern else { return cells }
        let result = cells.filter { $0.name.contains(pattern) }
        guard !result.isEmpty else {
            throw VSRError(
                .invalidArgument,
                "no cell's name has '\(pattern)' in it; there are "
                    + cells.map(\.name).joined(separator: ", "))
        }
        return result
    }
}

extension StudyRunner {
    /// What would be done: each cell with costs, parameters and an estimate of the time that it still
    /// needs.
    ///
    /// Nothing is written.
    ///
    /// - Throws: `invalidArgument` where a target cannot be met or no cell matches.
    public func dryRun(only pattern: String? = nil) throws -> String {
        var table = TextTable([
            "cell", "GMAC", "of target", "parameters", "iterations", "hours left",
        ])
        var counted: Set<String> = []
        var total = 0.0
        var remarks: [String] = []
        let rate = throughput()
        for cell in try plan.cells(matching: pattern) {
            try environment.cancellation.check()
            let costs = try cell.expectedCosts()
            let share = costs.flatMap { Self.share(of: cell.target, $0, cell.parent.model) }
            var hours = 0.0
            for step in cell.step?.chain ?? []
            where !folders.isDone(step) && counted.insert(step.key).inserted {
                hours += work(of: step, costs ?? cell.parent.model.blueprint.costs()) / rate / 3600
            }
            total += hours
            let iterations = (cell.step?.chain ?? []).reduce(0) {
                $0 + $1.iterations.regularization + $1.iterations.finetuning
            }
            table.add([
                cell.name, costs.map { TextTable.decimal(Double($0.macs) / 1e9, 2) } ?? "",
                share.map { TextTable.decimal($0, 3) } ?? "",
                costs.map { "\($0.parameters)" } ?? "", "\(iterations)",
                TextTable.decimal(hours, 2),
            ])
            if let share, abs(share - 1) > 0.01 {
                remarks.append(
                    "\(cell.name) is more than 1 % from its target: its structure has no nearer size"
                )
            }
        }
        table.addRule()
        table.add(["in all", "", "", "", "", TextTable.decimal(total, 2)])
        let basis =
            hasMeasuredRate
            ? "hours: by the rate of this study's finished steps"
            : "hours: a rough guess, 75 GMAC/s of training per thread, until a step is finished"
        let notes = ([basis + "; shared steps count once"] + remarks).flatMap { TextWrap.lines($0) }
        return (table.lines() + notes).joined(separator: "\n")
    }

    /// How far each cell is.
    public func status(only pattern: String? = nil) throws -> String {
        var table = TextTable(["cell", "state", "PSNR dB"], leftColumns: 2)
        for cell in try plan.cells(matching: pattern) {
            let result = folders.result(of: cell)
            let quality = (result?.quality ?? []).map {
                "\($0.dataSet) \(TextTable.decimal($0.mean.psnr, 3))"
            }
            table.add([
                cell.name, result == nil ? state(of: cell) : "done",
                quality.joined(separator: "  "),
            ])
        }
        return table.lines().joined(separator: "\n")
    }

    private func state(of cell: StudyCell) -> String {
        for step in cell.step?.chain ?? [] where !folders.isDone(step) {
            let count = step.iterations.regularization + step.iterations.finetuning
            let done = folders.progress(of: step)
            let isHeld = FolderLease.isHeld(folders.path(of: step))
            guard isHeld || done > 0 else { return "waiting for \(step.work.kind)" }
            let progress = count > 0 ? " \(done)/\(count)" : ""
            return "\(step.work.kind)\(progress)\(isHeld ? "" : ", interrupted")"
        }
        return FolderLease.isHeld(folders.path(of: cell)) ? "evaluating" : "waiting for evaluation"
    }

    /// The part of its target that a network's costs are.
    private static func share(
        of target: CostTarget?, _ costs: Costs, _ parent: Model
    ) -> Double? {
        switch target {
        case .count(let count)?: Double(costs.macs) / Double(count)
        case .share(let share)?:
            Double(costs.macs) / (share * Double(parent.blueprint.costs().macs))
        case nil: nil
        }
    }

    /// Multiply-accumulates of a step's training, three times the forward ones, and the teacher's: of
    /// all of it, or of what is left.
    private func work(of step: StudyStep, _ slim: Costs, isWhole: Bool = false) -> Double {
        let settings = plan.settings
        let dense = step.parent.model.blueprint.costs()
        let pixels =
            Double(
                settings.data.frames * settings.data.batchSize * settings.data.patch
                    * settings.data.patch) / Double(dense.frameSize.area)
        let left = { (count: Int) in
            Double(max(count - (isWhole ? 0 : folders.progress(of: step)), 0))
        }
        switch step.work {
        case .compress(let own):
            return left(own.iterations) * pixels * 3 * Double(dense.macsWithFlow)
        case .finetune(let own):
            let isDense = step.input == nil
            let student = Double(isDense ? dense.macsWithFlow : slim.macsWithFlow)
            let teacher = own.temporal.teacher == nil ? 0 : Double(dense.macs)
            return left(own.iterations) * pixels * (3 * student + teacher)
        case .prune, .compensate, .initialize, .refit: return 0
        }
    }

    private var finishedTraining: [StudyStep] {
        var keys: Set<String> = []
        return plan.cells.flatMap { $0.step?.chain ?? [] }.filter {
            $0.iterations.regularization + $0.iterations.finetuning > 0 && folders.isDone($0)
                && keys.insert($0.key).inserted
        }
    }

    private var hasMeasuredRate: Bool { !finishedTraining.isEmpty }

    /// Multiply-accumulates of training per second.
    private func throughput() -> Double {
        let threads = plan.settings.run.threads
        let cores = threads > 0 ? threads : ProcessInfo.processInfo.activeProcessorCount
        let steps = finishedTraining
        let seconds = steps.reduce(0) { $0 + folders.seconds(of: $1) }
        guard seconds > 0 else { return 75e9 * Double(cores) }
        let done = steps.reduce(0.0) { sum, step in
            let slim = (try? ModelFile.read(folders.model(of: step)))?.blueprint.costs()
            return sum + work(of: step, slim ?? step.parent.model.blueprint.costs(), isWhole: true)
        }
        return max(done / seconds, 1)
    }
}
