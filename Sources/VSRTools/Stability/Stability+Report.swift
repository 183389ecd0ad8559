import VSRCore
import VSRReport

extension Stability.Outcome {
    /// Writes the outcome as a page with charts, whole or not at all.
    ///
    /// - Throws: `io` naming `path`.
    public func writePage(to path: String) throws { try ReportPage.write(report, to: path) }

    /// The outcome as a page: PSNR and the states' size over the frames.
    var report: Report {
        let losses = clips.map { "\($0.clip.rawValue) \(TextTable.decimal($0.loss, 2)) dB" }
        return Report(
            title: "Stability of \(model)",
            summary: "How far the worst hundred of \(frames) frames are below the first, in the "
                + "mean: "
                + losses.joined(separator: ", ") + ".",
            charts: [
                chart("PSNR", "dB") { $0.psnr },
                chart("Size of the hidden states", "root mean square") { $0.stateNorm },
                chart("Change to the frame before", "8-bit levels") { $0.change },
            ],
            conditions: [
                .init("frames", "\(frames) of \(frameSize), ×\(scale)"),
                .init("noise", "\(noise) levels in still clips"),
                .init("seed", "\(seed)"),
                .init("degradation", degradation.explanation),
                .init("stability guard", isGuarded ? "on" : "off"),
                .init("clips", clipWindow ?? "frame by frame"),
                .init("arithmetic", "\(precision), \(instructionSet)"),
            ])
    }

    /// At most 500 points per line.
    private func chart(
        _ title: String, _ unit: String, _ values: (Clip) -> [Double]
    ) -> Chart {
        let step = max(1, frames / 500)
        return Chart(
            title: title, style: .lines, horizontalLabel: "frame", verticalLabel: unit,
            series: clips.map { clip in
                let all = values(clip)
                let points = stride(from: 0, to: all.count, by: step).map {
                    Chart.Point(Double($0 + 1), all[$0].isFinite ? all[$0] : 0)
                }
                return Chart.Series(name: clip.clip.rawValue, points: points)
            })
    }
}
