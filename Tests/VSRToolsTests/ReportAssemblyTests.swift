import Foundation
import Testing
import VSRCore
import VSRImaging
import VSRModel
import VSRPruning
import VSRReport
import VSRTestSupport
import VSRTools

@Suite struct ReportAssemblyTests {
    @Test func factorsComeFromTheLog() throws {
        let folder = try TemporaryFolder()
        let log = """
            {"figures":{"chosen":0.75,"kept":1,"chosen.forward.0.in":0.5},"iteration":20}
            {"figures":{},"iteration":30}
            {"figures":{"chosen":0.25,"kept":1.125},"iteration":40}

            """
        try AtomicFile.write(Data(log.utf8), to: folder.path("log.jsonl"))
        let chart = try Chart.factors(log: folder.path("log.jsonl"))
        #expect(chart.series.map(\.name) == ["chosen for removal", "kept"])
        #expect(chart.series[0].points == [.init(20, 0.75), .init(40, 0.25)])
        #expect(chart.series[1].points == [.init(20, 1), .init(40, 1.125)])
    }

    @Test func aLogThatIsNoneIsRefused() throws {
        let folder = try TemporaryFolder()
        try AtomicFile.write(Data("nonsense\n".utf8), to: folder.path("log.jsonl"))
        #expect(throws: VSRError.self) { try Chart.factors(log: folder.path("log.jsonl")) }
        #expect(throws: VSRError.self) { try Chart.factors(log: folder.path("none.jsonl")) }
    }

    @Test(arguments: [2, 4])
    func removedSharesAreCountedPerLayer(scale: Int) throws {
        let blueprint = Blueprint(direction: .bidirectional, width: 4, blocks: 2, scale: scale)
        let selection = UnitSelection(removed: [
            .block(.backward, 1, .input): [0], .block(.forward, 0, .middle): [0, 3],
            .block(.forward, 1, .output): [0, 1, 2, 3], .upsampler(.refinement(0)): [2],
        ])
        let charts = Chart.removedShares(of: selection, in: blueprint)
        #expect(charts.count == 3)
        // Series: inputs, middle, outputs; points: blocks.
        #expect(charts[0].series.map { $0.points.map(\.y) } == [[0, 0.25], [0, 0], [0, 0]])
        #expect(charts[1].series.map { $0.points.map(\.y) } == [[0, 0], [0.5, 0], [0, 1]])
        let upsampler = scale == 4 ? ["upconv1", "upconv2", "conv_hr"] : ["upconv1", "conv_hr"]
        #expect(charts[2].categories == upsampler)
        #expect(charts[2].series[0].points.map(\.y).last == 0.25)
    }

    @Test func rowsHoldCostsWithAndWithoutFlow() throws {
        let row = Report.Method(
            name: "dense", note: "", figures: QualityFigures(psnr: 30, ssim: 0.9),
            blueprint: Blueprint(direction: .bidirectional),
            frameSize: FrameSize(width: 320, height: 180), milliseconds: Spread([1, 2, 3]),
            iterations: 5)
        #expect(row.parameters == .init(withoutFlow: 4_851_011, withFlow: 6_291_311))
        #expect(abs(Double(row.macs?.withoutFlow ?? 0) / 1e9 - 338.34) < 0.005)
        #expect(row.time == .init(median: 2, lowerQuartile: 1.5, upperQuartile: 2.5))
        let bicubic = Report.Method(
            name: "bicubic", note: "", figures: nil, blueprint: nil,
            frameSize: FrameSize(width: 1, height: 1), milliseconds: nil, iterations: nil)
        #expect(bicubic.macs == nil && bicubic.psnr == nil)
        let chart = Chart.qualityAgainstCost([row, bicubic])
        #expect(chart.series.map(\.name) == ["dense"])
        let report = Report(title: "t", summary: "s", methods: [row, bicubic])
        let lines = report.methodsText.split(separator: "\n")
        #expect(lines.count == 3 && lines.allSatisfy { $0.count <= 100 })
        #expect(lines[1].hasPrefix("dense") && lines[1].contains("338.34"))
        #expect(lines[2].hasPrefix("bicubic") && lines[2].hasSuffix("–"))
    }
}
