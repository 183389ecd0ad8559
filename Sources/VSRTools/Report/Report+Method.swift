import VSRCore
import VSRImaging
import VSRModel
import VSRReport

extension Report.Method {
    /// A row from what was measured of a method.
    ///
    /// - Parameters:
    ///   - blueprint: `nil` for methods that are no network.
    ///   - frameSize: The low-resolution frame that costs are given for.
    public init(
        name: String, note: String, figures: QualityFigures?, blueprint: Blueprint?,
        frameSize: FrameSize, milliseconds: Spread?, iterations: Int?, isEmphasized: Bool = false
    ) {
        let costs = blueprint?.costs(at: frameSize)
        self.init(
            name: name, note: note, psnr: figures?.psnr, ssim: figures?.ssim,
            macs: costs.map { Report.Cost(withoutFlow: $0.macs, withFlow: $0.macsWithFlow) },
            parameters: costs.map {
                Report.Cost(withoutFlow: $0.parameters, withFlow: $0.parametersWithFlow)
            },
            time: milliseconds.map {
                Report.Timing(
                    median: $0.median, lowerQuartile: $0.lowerQuartile,
                    upperQuartile: $0.upperQuartile)
            },
            iterations: iterations, isEmphasized: isEmphasized)
    }
}

extension Report {
    /// The methods as a table for a terminal, at most 100 columns wide.
    public var methodsText: String {
        var table = TextTable([
            "method", "PSNR dB", "SSIM", "GMAC", "with flow", "parameters", "ms per frame",
        ])
        func cell(_ value: Double?, _ digits: Int) -> String {
            value.map { TextTable.decimal($0, digits) } ?? "–"
        }
        for method in methods {
            table.add([
                method.name, cell(method.psnr, 2), cell(method.ssim, 4),
                cell(method.macs.map { Double($0.withoutFlow) / 1e9 }, 2),
                cell(method.macs.map { Double($0.withFlow) / 1e9 }, 2),
                method.parameters.map { String($0.withoutFlow) } ?? "–",
                cell(method.time?.median, 1),
            ])
        }
        return table.lines().joined(separator: "\n")
    }
}
