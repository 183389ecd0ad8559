import Foundation
import VSRCore
import VSRData
import VSRImaging
import VSRMedia
import VSRModel
import VSRPruning
import VSRReport
import VSRRuntime

/// A study's results as a page: what the paper's tables and figures show, for the study at hand.
///
/// Source: Xia et al., CVPR 2023, Tab. 1 to 3 and Fig. 3 to 6.
public struct StudyReport: Sendable {
    let results: StudyResults
    /// The study's folder, where models, logs and selections lie; without one, what needs them is
    /// left out.
    let folder: String?
    let groups: [StudyGroup]
    /// Names of data sets, in the order of the first cell that has them.
    let dataSets: [String]

    public init(_ results: StudyResults, folder: String?) throws {
        guard !results.cells.isEmpty else {
            throw VSRError(
                .invalidArgument,
                "the study has no results yet: slimvsr-lab experiment makes them")
        }
        self.results = results
        self.folder = folder
        groups = StudyGroup.all(of: results.cells)
        var sets: [String] = []
        for quality in results.cells.flatMap(\.quality) where !sets.contains(quality.dataSet) {
            sets.append(quality.dataSet)
        }
        dataSets = sets
    }

    /// Writes `report.html`, and every chart as a file of its own, `chart-NUMBER.svg`.
    ///
    /// - Parameters:
    ///   - target: A folder.
    ///   - pictures: Whether a rendered scene is upscaled by every network, for the slider.
    /// - Returns: The page's path.
    public func write(
        to target: String, pictures: Bool, progress: ProgressHandler? = nil,
        cancellation: Cancellation? = nil
    ) throws -> String {
        var report = report()
        if pictures, let comparison = try comparison(progress, cancellation) {
            report.comparisons = [comparison]
        }
        for (index, chart) in report.charts.enumerated() {
            try AtomicFile.write(
                Data(ReportPage.svg(of: chart).utf8), to: "\(target)/chart-\(index + 1).svg")
        }
        let page = "\(target)/report.html"
        try ReportPage.write(report, to: page)
        return page
    }

    /// The page without pictures.
    public func report() -> Report {
        Report(
            title: results.title, summary: summary, highlights: highlights,
            tables: [mainTable] + [ablation, criteria].compactMap { $0 },
            charts: qualityCharts + folderCharts, conditions: conditions)
    }

    // MARK: What came out

    /// The data set that methods are compared on.
    private var mainSet: String? { dataSets.first }

    private func psnr(_ group: StudyGroup) -> Double? {
        mainSet.flatMap { group.values($0, \.psnr)?.mean }
    }

    private var pruned: [StudyGroup] { groups.filter { $0.first.target != nil } }

    private var best: StudyGroup? {
        pruned.max { (psnr($0) ?? -.infinity) < (psnr($1) ?? -.infinity) }
    }

    private func dense(for group: StudyGroup) -> StudyGroup? {
        groups.first { $0.first.method == "dense" && $0.first.parent == group.first.parent }
    }

    private var summary: String {
        let networks = Set(results.cells.map(\.parent)).count
        let text =
            "\(networks.counted("network")) made smaller by \(Set(pruned.map(\.first.method)).count.counted("method")), "
            + "all with the same data and the same number of iterations. "
        guard let best, let set = mainSet, let value = psnr(best) else {
            return text + "Nothing has been measured yet."
        }
        return text
            + "Best on \(set): \(best.name), \(TextTable.decimal(value, 2)) dB. "
            + "PSNR and SSIM measure how close frames are to the originals: higher is better. GMAC "
            + "are billions of multiplications for one frame: lower is cheaper."
    }

    private var highlights: [Report.Highlight] {
        guard let best, let value = psnr(best), let set = mainSet else { return [] }
        var items = [
            Report.Highlight(
                "\(TextTable.decimal(value, 2)) dB", "\(best.name) on \(set), the best slim network"
            )
        ]
        if let dense = dense(for: best), let before = psnr(dense) {
            items.append(Report.Highlight(Self.signed(value - before), "against its dense parent"))
            if let slim = best.first.costs, let all = dense.first.costs {
                items.append(
                    Report.Highlight(
                        String(format: "%.2f×", Double(all.macs) / Double(slim.macs)),
                        "fewer operations, flow apart"))
            }
            if let slim = best.first.time, let all = dense.first.time {
                let ratio = all.milliseconds.median / slim.milliseconds.median
                items.append(Report.Highlight(String(format: "%.2f×", ratio), "faster per frame"))
            }
        }
        let others = pruned.filter {
            $0.first.method == "l1" && $0.first.target == best.first.target
        }
        if let other = others.first, other.name != best.name, let low = psnr(other) {
            items.append(
                Report.Highlight(Self.signed(value - low), "against L1-norm pruning at its cost"))
        }
        return items
    }

    private static func signed(_ value: Double) -> String {
        (value < 0 ? "−" : "+") + "\(TextTable.decimal(abs(value), 2)) dB"
    }

    // MARK: Tables

    private func qualityCells(_ group: StudyGroup) -> [Report.Table.Cell] {
        dataSets.flatMap { set in
            let psnr = group.values(set, \.psnr)?.text(2)
            let ssim = group.values(set, \.ssim)?.text(4)
            return [
                psnr.map { Report.Table.Cell($0.mean, $0.deviation) } ?? .none,
                ssim.map { Report.Table.Cell($0.mean, $0.deviation) } ?? .none,
            ]
        }
    }

    private var qualityColumns: [Report.Table.Column] {
        dataSets.flatMap { [.init("PSNR", "dB, \($0)"), .init("SSIM", $0)] }
    }

    private var mainTable: Report.Table {
        let rows = groups.map { group in
            let cell = group.first
            let seeds = group.cells.count > 1 ? ", \(group.cells.count) seeds" : ""
            let iterations = cell.regularizationIterations + cell.finetuningIterations
            let time = cell.time?.milliseconds
            return Report.Table.Row(
                name: [cell.method, cell.target].compactMap { $0 }.joined(separator: ", "),
                note: "\(cell.parent): \(cell.note)\(seeds)",
                cells: [
                    giga(cell.costs?.macs), giga(cell.costs?.macsWithFlow),
                    mega(cell.costs?.parameters),
                    time.map {
                        .init(
                            TextTable.decimal($0.median, 0),
                            "\(TextTable.decimal($0.lowerQuartile, 0))–"
                                + TextTable.decimal($0.upperQuartile, 0))
                    } ?? .none,
                    iterations == 0
                        ? .none
                        : .init("\(iterations)", TextTable.decimal(cell.seconds / 60, 0) + " min"),
                ] + qualityCells(group), isEmphasized: group.name == best?.name)
        }
        return Report.Table(
            title: "All networks (the paper's Tab. 1)",
            explanation: "Rows in italics are printed in the paper, for training on far more data "
                + "and for far longer; the others were made here. GMAC and parameters leave out the "
                + "flow network unless it says so. ± is the standard deviation over seeds.",
            nameLabel: "Method",
            columns: [
                .init("GMAC"), .init("GMAC", "with flow"), .init("Parameters", "millions"),
                .init("Time", "ms per frame"), .init("Training", "iterations"),
            ] + qualityColumns,
            rows: rows + publishedRows)
    }

    private var publishedRows: [Report.Table.Row] {
        let isOnline = groups.contains { $0.first.parent.contains("uni") }
        let isOffline = groups.contains { !$0.first.parent.contains("uni") }
        let networks =
            (isOffline ? PublishedResults.bidirectional : [])
            + (isOnline ? PublishedResults.unidirectional : [])
        return networks.map { network in
            Report.Table.Row(
                name: network.name, note: "published",
                cells: [
                    .init(TextTable.decimal(network.gigaMACs, 1)), .none,
                    .init(TextTable.decimal(network.megaParameters, 1)), .none, .none,
                ]
                    + dataSets.flatMap { set -> [Report.Table.Cell] in
                        let isBlurred = results.cells.contains { cell in
                            cell.quality.contains {
                                $0.dataSet == set && $0.degradation != "BI"
                            }
                        }
                        let known = PublishedResults.bidirectional[0].figures.keys.first {
                            $0.lowercased() == set.lowercased() + (isBlurred ? " bd" : "")
                        }
                        guard let figures = known.flatMap({ network.figures[$0] }) else {
                            return [.none, .none]
                        }
                        return [
                            .init(TextTable.decimal(figures.psnr, 2)),
                            .init(TextTable.decimal(figures.ssim, 4)),
                        ]
                    },
                isPublished: true)
        }
    }

    private func giga(_ macs: Int?) -> Report.Table.Cell {
        macs.map { .init(TextTable.decimal(Double($0) / 1e9, 2)) } ?? .none
    }

    private func mega(_ count: Int?) -> Report.Table.Cell {
        count.map { .init(TextTable.decimal(Double($0) / 1e6, 3)) } ?? .none
    }

    /// The parts of the method, one after another, at the first target that has them.
    private var ablation: Report.Table? {
        let parts: [(method: String, marks: [Bool])] = [
            ("assl", [false, true, false]), ("ssl1", [false, true, true]),
            ("ssl3", [true, true, false]), ("ssl", [true, true, true]),
        ]
        let found = parts.compactMap { part in
            pruned.first { $0.first.method == part.method }.map { ($0, part.marks) }
        }
        guard found.count > 2 else { return nil }
        return Report.Table(
            title: "What each part brings (the paper's Tab. 2)",
            explanation: "RSC: blocks keep all channels of the hidden state and choose which they "
                + "compute. PS: whole groups of pixel-shuffle are pruned. TF: hidden states are "
                + "held to the dense network's while finetuning.\(undecided(found.map(\.0)))",
            nameLabel: "Method",
            columns: [.init("RSC"), .init("PS"), .init("TF")] + qualityColumns,
            rows: found.map { group, marks in
                Report.Table.Row(
                    name: group.first.method, note: group.first.target ?? "",
                    cells: marks.map { .init($0 ? "✓" : "") } + qualityCells(group))
            })
    }

    /// Which units go, by which rule.
    private var criteria: Report.Table? {
        let rules: [(method: String, name: String)] = [
            ("ssl", "smallest of all"), ("ssl-min-local", "smallest of each layer"),
            ("ssl-max-global", "largest of all"), ("ssl-max-local", "largest of each layer"),
            ("ssl-random", "random"),
        ]
        let found = rules.flatMap { rule in
            pruned.filter { $0.first.method == rule.method }.map { ($0, rule.name) }
        }
        guard Set(found.map(\.1)).count > 1 else { return nil }
        return Report.Table(
            title: "Which units are removed (the paper's Tab. 3)",
            explanation:
                "Units are ranked by the mean size of their weights.\(undecided(found.map(\.0)))",
            nameLabel: "Removed", columns: qualityColumns,
            rows: found.map { group, name in
                Report.Table.Row(
                    name: name, note: group.first.target ?? "", cells: qualityCells(group))
            })
    }

    /// Pairs of neighbors that the seeds do not tell apart, as a sentence.
    private func undecided(_ groups: [StudyGroup]) -> String {
        guard let set = mainSet else { return "" }
        let figures = groups.compactMap { group in
            group.values(set, \.psnr).map { (group.first.method, $0) }
        }
        if figures.contains(where: { $0.1.deviation == nil }) {
            return " One seed: differences below a tenth of a decibel decide nothing."
        }
        let ordered = figures.sorted { $0.1.mean > $1.1.mean }
        let close = zip(ordered, ordered.dropFirst()).filter { a, b in
            let spread = (a.1.deviation ?? 0) + (b.1.deviation ?? 0)
            return a.1.mean - b.1.mean <= spread
        }
        return close.isEmpty
            ? ""
            : " Undecided, since seeds differ by more: "
                + close.map { "\($0.0.0) and \($0.1.0)" }.joined(separator: ", ") + "."
    }

    // MARK: Charts

    private var qualityCharts: [Chart] {
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

    /// Charts of what lies in the study's folder: the first SSL cell's selection and factors, and
    /// drift with and without temporal finetuning.
    private var folderCharts: [Chart] {
        guard let folder else { return [] }
        var charts: [Chart] = []
        if let cell = results.cells.first(where: { $0.method == "ssl" || $0.method == "ssl3" }),
            let step = cell.steps.first(where: { $0.contains("compress") })
        {
            let path = "\(folder)/\(step)"
            if var factors = try? Chart.factors(log: "\(path)/log.jsonl") {
                factors.explanation =
                    "Chosen units fade out under the growing penalty before they are removed (the "
                    + "paper's Fig. 6)."
                charts.append(factors)
            }
            if let selection = try? JSONText.read(
                PruningSelection.self, from: "\(path)/selection.json", as: "a selection"),
                case .free(let units) = selection, let blueprint = parentBlueprint(of: cell)
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

    private func parentBlueprint(of cell: StudyResults.Cell) -> Blueprint? {
        // Parents are models that people have by name or file; the settings say which.
        let reference = try? ModelReference(cell.parent)
        return try? reference?.readBlueprint()
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

    // MARK: Pictures

    /// A rendered scene by the original, bicubic interpolation and every network of the first seed.
    private func comparison(
        _ progress: ProgressHandler?, _ cancellation: Cancellation?
    ) throws -> Report.ImageComparison? {
        guard let folder else { return nil }
        let cells = groups.map(\.first).filter { $0.model != nil }
        guard let scale = try cells.first.map({ try model(of: $0, folder).blueprint.scale }) else {
            return nil
        }
        let size = FrameSize(width: 256, height: 160)
        let frames = 7
        let scene = try SyntheticScene(
            seed: 1_000_500, size: size.scaled(by: 4 / scale), frameCount: frames)
        let low = try (0..<frames).map {
            try Degradation.bicubic.degraded(scene.frame($0), scale: scale)
        }
        let shown = frames / 2
        var images = [
            ("bicubic", try BicubicUpscaler.upscaled(low[shown], scale: scale))
        ]
        var options = UpscalerOptions()
        options.cancellation = cancellation
        for (index, cell) in cells.enumerated() {
            progress?(ProgressUpdate("pictures", completed: index, total: cells.count))
            let upscaler = try Upscaler(model: try model(of: cell, folder), options: options)
            images.append((StudyGroup(cells: [cell]).name, try upscaler.upscale(clip: low)[shown]))
        }
        progress?(ProgressUpdate("pictures", completed: cells.count, total: cells.count))
        images.append(("original", scene.frame(shown)))
        return Report.ImageComparison(
            title: "A rendered scene that no network was trained on (the paper's Fig. 3)",
            images: try images.map { name, frame in
                Report.NamedImage(
                    name: name, mediaType: "image/png",
                    data: try ImageFile.encode(
                        frame, as: .png, options: ImageOptions(), name: name))
            })
    }

    private func model(of cell: StudyResults.Cell, _ folder: String) throws -> Model {
        try ModelFile.read("\(folder)/\(cell.model ?? "")")
    }

    // MARK: Conditions

    private var conditions: [Report.Condition] {
        var items: [Report.Condition] = []
        for quality in results.cells.first?.quality ?? [] {
            items.append(
                .init(
                    quality.dataSet,
                    "\(quality.frameCount.counted("frame")) of \(quality.clips.count.counted("clip")); "
                        + quality.conventions))
        }
        if let time = results.cells.compactMap(\.time).first {
            items.append(
                .init(
                    "time",
                    "median and middle half, \(time.frameSize), \(time.threads.counted("thread")), "
                        + "\(time.machine.processor); cells were timed one after another: compare "
                        + "by slimvsr bench where it matters"))
        }
        items.append(
            .init(
                "seeds",
                Set(results.cells.map(\.seed)).sorted().map(String.init).joined(separator: ", ")))
        items.append(.init("settings", results.settings))
        return items
    }
}
