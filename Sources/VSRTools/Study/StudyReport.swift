import Foundation
import VSRCore
import VSRReport

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

    /// The data set that methods are compared on.
    var mainSet: String? { dataSets.first }

    func psnr(_ group: StudyGroup) -> Double? {
        mainSet.flatMap { group.values($0, \.psnr)?.mean }
    }

    var pruned: [StudyGroup] { groups.filter { $0.first.target != nil } }

    var best: StudyGroup? {
        pruned.max { (psnr($0) ?? -.infinity) < (psnr($1) ?? -.infinity) }
    }

    func dense(for group: StudyGroup) -> StudyGroup? {
        groups.first { $0.first.method == "dense" && $0.first.parent == group.first.parent }
    }

    var summary: String {
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

    var highlights: [Report.Highlight] {
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

    var conditions: [Report.Condition] {
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
        if !missingFiles.isEmpty {
            items.append(
                .init(
                    "left out",
                    "charts of \(missingFiles.joined(separator: ", ")), which cannot be read in the "
                        + "study's folder"))
        }
        items.append(.init("settings", results.settings))
        return items
    }
}
