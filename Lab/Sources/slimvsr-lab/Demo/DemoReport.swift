import Foundation
import VSRCore
import VSRImaging
import VSRMedia
import VSRModel
import VSRPruning
import VSRReport
import VSRTools

/// Puts what the demonstration measured on a page.
struct DemoReport {
    let plan: DemoPlan
    let methods: DemoMethods
    let clips: DemoClips.Showcase
    /// Figures of bicubic interpolation and, by name, of every network.
    let evaluations: [String: Evaluation.Outcome]
    let benchmarks: [String: Benchmark.Outcome]
    /// The pictures, by the same names.
    let pictures: [(name: String, frame: Frame)]
    let command: String
    let minutes: Double

    func report() throws -> Report {
        let rows = self.rows
        return Report(
            title: "A slim network from a dense one", summary: summary,
            highlights: highlights, methods: rows,
            charts: [try .factors(log: methods.log)] + removedShares
                + [.qualityAgainstCost(rows)],
            comparisons: [try comparison()], conditions: conditions)
    }

    private var removedShares: [Chart] {
        guard case .free(let removal) = methods.removal else { return [] }
        return Chart.removedShares(of: removal, in: methods.dense.model.blueprint)
    }

    private var rows: [Report.Method] {
        let bicubic = UpscalingMethod.bicubicName
        return [
            Report.Method(
                name: bicubic, note: "interpolation, no network",
                figures: evaluations[bicubic]?.mean, blueprint: nil,
                frameSize: plan.benchmarkSize, milliseconds: nil, iterations: nil)
        ]
            + methods.all.map { network in
                Report.Method(
                    name: network.name, note: network.note,
                    figures: evaluations[network.name]?.mean,
                    blueprint: network.model.blueprint, frameSize: plan.benchmarkSize,
                    milliseconds: benchmarks[network.name]?.milliseconds,
                    iterations: network.iterations, isEmphasized: network.isEmphasized)
            }
    }

    private var summary: String {
        "A dense network was compressed to half its operations in \(plan.iterations) training "
            + "iterations on rendered clips, and compared with a narrower network of equal cost and "
            + "with itself, both trained as long. So short a schedule shows how the method works, not how far it gets."
    }

    private var highlights: [Report.Highlight] {
        let dense = methods.dense.model.blueprint.costs(at: plan.benchmarkSize)
        let slim = methods.slim.model.blueprint.costs(at: plan.benchmarkSize)
        var items = [
            Report.Highlight(
                String(format: "%.2f×", Double(dense.macs) / Double(slim.macs)),
                "fewer operations than the dense network, flow apart")
        ]
        if let before = benchmarks["dense"], let after = benchmarks["SSL"] {
            let ratio = before.milliseconds.median / after.milliseconds.median
            items.append(Report.Highlight(String(format: "%.2f×", ratio), "faster per frame"))
        }
        items += [
            ("dense", "PSNR against the dense network, finetuned as long"),
            ("L1", "PSNR against L1 pruning at equal cost, finetuned as long"),
        ]
        .compactMap { name, meaning in
            difference(to: name).map { Report.Highlight($0, meaning) }
        }
        return items
    }

    private func difference(to name: String) -> String? {
        guard let slim = evaluations["SSL"]?.mean.psnr, let other = evaluations[name]?.mean.psnr
        else { return nil }
        let text = String(format: "%.2f dB", abs(slim - other))
        return (slim < other ? "−" : "+") + text
    }

    private func comparison() throws -> Report.ImageComparison {
        Report.ImageComparison(
            title: clips.title,
            images: try pictures.map { picture in
                Report.NamedImage(
                    name: picture.name, mediaType: "image/png",
                    data: try ImageFile.encode(
                        picture.frame, as: .png, options: ImageOptions(), name: picture.name))
            })
    }

    private var conditions: [Report.Condition] {
        let machine = Machine.current
        let first = evaluations["SSL"]
        return [
            .init("command", command),
            .init(
                "machine",
                "\(machine.processor), \(Self.counted(machine.cores, "core")), "
                    + machine.architecture),
            .init("seed", String(plan.seed)),
            .init(
                "clips",
                "\(plan.evaluationScenes) rendered scenes of \(plan.evaluationFrames) frames, "
                    + "\(plan.evaluationSize), unlike the training scenes"),
            .init("conventions", first?.conventionsText ?? ""),
            .init(
                "time",
                "median and middle half of \(plan.benchmarkFrames) frames of \(plan.benchmarkSize) in "
                    + "\(plan.benchmarkRounds) alternating rounds, "
                    + Self.counted(benchmarks["SSL"]?.threads ?? 0, "thread") + ", "
                    + "\(benchmarks["SSL"]?.instructionSet ?? ""), fp32"),
            .init(
                "operations",
                "multiply-accumulates of one \(plan.benchmarkSize) frame; biases count once"),
            .init("whole demonstration", String(format: "%.1f minutes", minutes)),
        ]
    }

    private static func counted(_ count: Int, _ noun: String) -> String {
        "\(count) \(noun)\(count == 1 ? "" : "s")"
    }
}
