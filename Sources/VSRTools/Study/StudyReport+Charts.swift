import Foundation
import VSRCore
import VSRModel
import VSRPruning
import VSRReport

// The paper's Fig. 4 to 6, and drift.
extension StudyReport {
    var qualityCharts: [Chart] {
        guard let set = mainSet else { return [] }
        let methods = Set(groups.map(\.first.method)).sorted()
        func chart(
            _ title: String, _ label: String, _ explanation: String,
            _ x: (StudyGroup) -> Double?
        ) -> Chart? {
            let series = methods.compactMap { method -> Chart.Series? in
                let points = groups.filter { $0.first.method == method }.compactMap { group in
                    x(group).flatMap { x in psnr(group).map { Chart.Point(x, $0) } }
                }.sorted { $0.x < $1.x }
                return points.isEmpty ? nil : Chart.Series(name: method, points: points)
            }
            guard series.count > 1 else { return nil }
            let hasLines = series.contains { $0.points.count > 1 }
            return Chart(
                title: title, style: hasLines ? .lines : .points, horizontalLabel: label,
                verticalLabel: "PSNR on \(set), dB", series: series, explanation: explanation)
        }
        return [
            chart(
                "Quality against cost (the paper's Fig. 4)", "GMAC per frame, without flow",
                "Higher and further left is better."
            ) { $0.first.costs.map { Double($0.macs) / 1e9 } },
            chart(
                "Quality against time", "ms per frame, measured",
                "What counts on a real machine: fewer operations are worth what they save here."
            ) { $0.first.time?.milliseconds.median },
        ].compactMap { $0 }
    }

    /// The first cell of SSL and the folder of its regularization.
    private var regularized: (cell: StudyResults.Cell, step: String)? {
        results.cells.lazy.filter { ["ssl", "ssl3"].contains($0.method) }.compactMap { cell in
            cell.steps.first { $0.hasPrefix("steps/compress") }.map { (cell, $0) }
        }.first
    }

    /// Files that charts would be made of and that are not there.
    var missingFiles: [String] {
        guard let (_, step) = regularized else { return [] }
        return [TrainingLogFile.name, "selection.json"].map { "\(step)/\($0)" }.filter {
            !FileManager.default.isReadableFile(atPath: "\(folder ?? "")/\($0)")
        }
    }

    /// Charts of what lies in the study's folder: the first SSL cell's selection and factors, and
    /// drift with and without temporal finetuning.
    var folderCharts: [Chart] {
        guard let folder else { return [] }
        var charts: [Chart] = []
        if let (cell, step) = regularized {
            let path = "\(folder)/\(step)"
            if var factors = try? Chart.factors(log: "\(path)/\(TrainingLogFile.name)") {
                factors.explanation =
                    "Chosen units fade out under the growing penalty before they are removed (the "
                    + "paper's Fig. 6)."
                charts.append(factors)
            }
            if let selection = try? JSONText.read(
                PruningSelection.self, from: "\(path)/selection.json", as: "a selection"),
                case .free(let units) = selection, let blueprint = results.parents[cell.parent]
            {
                charts += Chart.removedShares(of: units, in: blueprint).map {
                    var chart = $0
                    chart.explanation = "By SSL at \(cell.target ?? "") (the paper's Fig. 5)."
                    return chart
                }
            }
        }
        return charts + [drift(folder)].compactMap { $0 }
    }

    private func drift(_ folder: String) -> Chart? {
        struct Drift: Decodable {
            var before: [Double]
            var after: [Double]
        }
        let series = results.cells.compactMap { cell -> Chart.Series? in
            guard let step = cell.steps.last,
                let drift = try? JSONText.read(
                    Drift.self, from: "\(folder)/\(step)/drift.json", as: "a drift")
            else { return nil }
            return Chart.Series(
                name: [cell.method, cell.target].compactMap { $0 }.joined(separator: " "),
                points: drift.after.enumerated().map {
                    Chart.Point(Double($0.offset + 1), $0.element)
                })
        }
        guard !series.isEmpty else { return nil }
        return Chart(
            title: "Drift of hidden states", style: .lines, horizontalLabel: "frame",
            verticalLabel: "mean distance to the dense network's", series: series,
            explanation: "Errors of pruning can add up from frame to frame; temporal finetuning is "
                + "meant to hold them down.")
    }
}
