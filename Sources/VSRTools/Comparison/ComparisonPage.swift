import Foundation
import VSRCore
import VSRReport

extension VideoComparison {
    /// Writes what was measured as a page that needs nothing besides itself, whole or not at all.
    ///
    /// - Throws: What reading the frames to be shown again throws; `io` naming `path`; `cancelled`.
    public func writePage(
        _ outcome: Outcome, to path: String, progress: ProgressHandler? = nil,
        cancellation: Cancellation? = nil
    ) throws {
        let pictures = try ComparisonPictures(comparison: self, outcome: outcome)
            .comparisons(progress: progress, cancellation)
        try ReportPage.write(outcome.report(pictures), to: path)
    }
}

extension VideoComparison.Outcome {
    /// Decibels at which equal frames are drawn.
    private static let drawnInfinity = 100.0
    private static let points = 500

    func report(_ pictures: [Report.ImageComparison]) -> Report {
        let names = sources.map { ($0.path as NSString).lastPathComponent }
        let title =
            names[0] == names[1] ? "\(names[0]), twice" : "\(names[0]) and \(names[1])"
        let against = names.count > 2 ? ", each against \(names[2])" : ""
        return Report(
            title: title,
            summary: "A is \(names[0]), B is \(names[1])\(against): "
                + "\(frameCount.counted("frame")) compared. "
                + "The lists above a picture choose what is left and right of the line: differences, too.",
            highlights: highlights, tables: [table],
            charts: charts, comparisons: pictures,
            conditions: sources.map { source in
                let rate = source.frameRate.map { ", \(TextTable.decimal($0, 3)) per second" } ?? ""
                return Report.Condition(source.label, "\(source.path), \(source.size)\(rate)")
            } + [
                .init(
                    "frames",
                    matching == .time
                        ? "matched by the time at which they are shown" : "matched by their order"),
                .init("measured", conventions),
                .init(
                    "percentiles",
                    "the smallest value that so many percent of the frames do not exceed"),
                .init(
                    "differences",
                    "gray where there are none, enlarged ×\(Int(ComparisonPictures.gain))"),
            ] + notes.map { Report.Condition("note", $0) })
    }

    private var highlights: [Report.Highlight] {
        let means = pairs.compactMap { $0.psnr?.mean }
        var highlights = pairs.map { pair in
            Report.Highlight(
                Self.number(pair.psnr?.mean ?? .nan, 2) + " dB", "mean PSNR (Y), \(pair.name)")
        }
        highlights += pairs.map { pair in
            Report.Highlight(
                Self.number(pair.ssim?.mean ?? .nan, 4), "mean SSIM (Y), \(pair.name)")
        }
        if means.count == 2, means.allSatisfy(\.isFinite) {
            let better = means[0] >= means[1] ? "A" : "B"
            highlights.insert(
                Report.Highlight(
                    "\(Self.number(abs(means[0] - means[1]), 2)) dB",
                    "by which \(better) is better in mean PSNR (Y)"), at: 0)
        }
        return highlights
    }

    private var table: Report.Table {
        typealias Figures = (values: FigureStatistics?, pooled: Double?)
        let measures: [(name: String, digits: Int, figures: (VideoComparison.Pair) -> Figures)] = [
            ("PSNR Y", 3, { ($0.psnr, $0.pooledPSNR) }),
            ("PSNR RGB", 3, { ($0.psnrRGB, $0.pooledPSNRRGB) }),
            ("SSIM Y", 4, { ($0.ssim, nil) }), ("VMAF", 2, { ($0.vmaf, nil) }),
        ]
        // Rows to be compared stand below each other.
        let rows = measures.flatMap { measure in
            pairs.compactMap { pair -> Report.Table.Row? in
                let (values, pooled) = measure.figures(pair)
                guard let values else { return nil }
                let all = [
                    values.mean, values.minimum, values.percentile1, values.percentile5,
                    values.median, values.percentile95,
                ]
                return Report.Table.Row(
                    name: measure.name, note: pair.name,
                    cells: all.map { .init(Self.number($0, measure.digits)) }
                        + [pooled.map { .init(Self.number($0, measure.digits)) } ?? .none])
            }
        }
        return Report.Table(
            title: "All frames",
            explanation: "PSNR in dB. Pooled: of the mean squared error of all frames.",
            nameLabel: "Figure",
            columns: ["mean", "minimum", "1 %", "5 %", "median", "95 %", "pooled"].map {
                .init($0)
            }, rows: rows)
    }

    private var charts: [Chart] {
        var charts = [
            chart("PSNR over time", "dB, on Y") { $0.frames.map(\.psnr) },
            chart("SSIM over time", "on Y") { $0.frames.map(\.ssim) },
        ]
        if pairs.count == 2 {
            let differences = zip(pairs[0].frames, pairs[1].frames).map { $0.psnr - $1.psnr }
            charts.append(
                chart("PSNR of A less that of B", "dB, on Y", [("A − B", differences)]))
        }
        if pairs.contains(where: { $0.vmafFrames != nil }) {
            charts.append(chart("VMAF over time", "VMAF") { $0.vmafFrames ?? [] })
        }
        return charts
    }

    private func chart(
        _ title: String, _ unit: String, _ values: (VideoComparison.Pair) -> [Double]
    ) -> Chart {
        chart(title, unit, pairs.map { ($0.name, values($0)) })
    }

    /// At most 500 points per line, each the mean of as many frames as that takes.
    private func chart(
        _ title: String, _ unit: String, _ lines: [(name: String, values: [Double])]
    ) -> Chart {
        let step = max(1, (frameCount + Self.points - 1) / Self.points)
        let series = lines.map { line in
            Chart.Series(
                name: line.name,
                points: stride(from: 0, to: line.values.count, by: step).map { start in
                    let part = line.values[start..<min(start + step, line.values.count)].map {
                        $0.isNaN ? 0 : min(max($0, -Self.drawnInfinity), Self.drawnInfinity)
                    }
                    return Chart.Point(times[start], part.reduce(0, +) / Double(part.count))
                })
        }
        let isCapped = lines.contains { $0.values.contains { !$0.isFinite } }
        let texts = [
            step > 1 ? "Each point is the mean of \(step) frames." : nil,
            isCapped ? "Equal frames are drawn at \(Int(Self.drawnInfinity)) dB." : nil,
        ]
        return Chart(
            title: title, style: .lines,
            horizontalLabel: matching == .time ? "seconds" : "frame", verticalLabel: unit,
            series: series, explanation: texts.compactMap { $0 }.joined(separator: " "))
    }
}
