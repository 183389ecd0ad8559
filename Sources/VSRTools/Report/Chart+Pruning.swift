import Foundation
import VSRCore
import VSRModel
import VSRPruning
import VSRReport

extension Chart {
    /// Mean scaling factors over a compression's iterations, from its log of JSON lines.
    ///
    /// Source: Fig. 6 of Xia et al., CVPR 2023.
    ///
    /// - Throws: `notFound` or `corruptData` naming the log.
    public static func factors(log path: String) throws -> Chart {
        let log = try TrainingLogFile(path: path)
        guard log.unreadLines == 0 else {
            throw VSRError(.corruptData, "\(path) has a line that is not a log entry")
        }
        func points(_ figure: String) -> [Point] {
            log.entries.compactMap { entry in
                entry.figures?[figure].map { Point(Double(entry.iteration), $0) }
            }
        }
        return Chart(
            title: "Scaling factors while they are regularized", style: .lines,
            horizontalLabel: "iteration", verticalLabel: "mean factor",
            series: [
                Series(name: "chosen for removal", points: points("chosen")),
                Series(name: "kept", points: points("kept")),
            ])
    }

    /// The share of units removed in each residual block, by kind, one chart per branch, and in the
    /// upsampler.
    ///
    /// Source: Fig. 5 of Xia et al., CVPR 2023.
    public static func removedShares(of selection: UnitSelection, in blueprint: Blueprint)
        -> [Chart]
    {
        func share(_ layer: UnitGroup) -> Double {
            let count = blueprint.unitCount(of: layer)
            return count == 0 ? 0 : Double(selection.removed(in: layer).count) / Double(count)
        }
        let names: [UnitGroup.BlockUnit: String] = [
            .input: "input channels", .middle: "middle filters", .output: "output filters",
        ]
        var charts = blueprint.branches.map { branch in
            Chart(
                title: "Removed per block, \(branch.rawValue) trunk", style: .bars,
                horizontalLabel: "residual block", verticalLabel: "share removed",
                series: UnitGroup.BlockUnit.allCases.map { unit in
                    Series(
                        name: names[unit] ?? unit.rawValue,
                        points: blueprint[branch].indices.map {
                            Point(Double($0), share(.block(branch, $0, unit)))
                        })
                },
                categories: blueprint[branch].indices.map { String($0 + 1) },
                verticalRange: Range(0, 1))
        }
        let upsampler = blueprint.unitGroups.filter { $0.part == .upsampler }
        charts.append(
            Chart(
                title: "Removed in the upsampler", style: .bars, horizontalLabel: "layer",
                verticalLabel: "share removed",
                series: [
                    Series(
                        name: "units",
                        points: upsampler.enumerated().map {
                            Point(Double($0.offset), share($0.element))
                        })
                ],
                categories: upsampler.map(\.description), verticalRange: Range(0, 1)))
        return charts
    }

    /// PSNR of methods against their operations without flow; those without either are left out.
    ///
    /// Source: Fig. 4 of Xia et al., CVPR 2023.
    public static func qualityAgainstCost(_ methods: [Report.Method]) -> Chart {
        Chart(
            title: "Quality against cost", style: .points,
            horizontalLabel: "GMAC per frame, without flow", verticalLabel: "PSNR, dB",
            series: methods.compactMap { method in
                guard let macs = method.macs, let psnr = method.psnr else { return nil }
                return Series(
                    name: method.name, points: [Point(Double(macs.withoutFlow) / 1e9, psnr)])
            })
    }
}
