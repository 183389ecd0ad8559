import Foundation
import Torch
import VSRCore
import VSRModel
import VSRNetworks
import VSRPruning

/// Drives the scaling factors of the units that are to go to zero, so that weights that stay learn
/// to do without them.
///
/// Source: Xia et al., CVPR 2023, Sec. 3.2 (2).
final class CompressStage: TrainingStage {
    let name = "compress"
    let network: BasicVSR
    let groups: [Adam.Group]
    var iterations: Int { configuration.regularization.iterations }

    /// The units that are removed at the end; fixed when the stage begins.
    private(set) var selection: UnitSelection

    private let configuration: CompressConfiguration
    /// 1 for the units that are to go, 0 for the others.
    private var masks: [(factor: Tensor, mask: Tensor)] = []

    init(_ configuration: CompressConfiguration, device: Device) throws {
        self.configuration = configuration
        let model = try ModelFile.read(try expandingVariables(configuration.model))
        selection = try UnitSelection(
            pruning: model, to: configuration.selection.target,
            options: configuration.selection.options)
        network = try BasicVSR(model, hasFactors: true, device: device)
        let flow = network.flowParameterNames
        groups = [
            Adam.Group(
                name: "network",
                parameters: network.namedParameters.filter { !flow.contains($0.name) },
                rate: configuration.optimizer.rate),
            Adam.Group(
                name: "factors",
                parameters: network.namedFactors.map {
                    NamedTensor("factor \($0.name)", $0.tensor)
                },
                rate: configuration.regularization.factorRate),
        ]
        masks = try makeMasks()
    }

    private func makeMasks() throws -> [(factor: Tensor, mask: Tensor)] {
        try network.factors.sorted { $0.key < $1.key }.compactMap { layer, factor in
            let removed = selection.removed(in: layer)
            guard !removed.isEmpty else { return nil }
            var mask = [Float](repeating: 0, count: factor.count)
            for unit in removed { mask[unit] = 1 }
            return (factor, try Tensor(mask, device: network.device))
        }
    }

    func rate(ofGroup index: Int, at iteration: Int) -> Double { groups[index].rate }

    func loss(of batch: ClipBatch, at iteration: Int) throws -> StageLoss {
        let frames = try autocasting(configuration.run.bfloat16, network.device) {
            let assembled = try network.assembled()
            let flows = try withoutGradients { try assembled.flows(of: batch.low) }
            return try assembled(batch.low, flows: flows).frames
        }
        let reconstruction = try Losses.charbonnier(frames, batch.high)
        let weight = configuration.regularization.penalty(at: iteration)
        var penalty = try Tensor.zeros([], device: network.device)
        for (factor, mask) in masks {
            penalty = try penalty + (factor * mask).square().sum()
        }
        return StageLoss(
            total: try reconstruction.adding(penalty, times: weight / 2),
            parts: ["reconstruction": reconstruction, "squaredFactors": penalty])
    }

    /// Mean factors of the units that are to go and of those that stay, in all and per layer, and
    /// the penalty.
    func figures(at iteration: Int) throws -> [String: Double] {
        let values = try network.factorValues()
        var figures = [
            "penalty": configuration.regularization.penalty(at: max(iteration - 1, 0))
        ]
        var chosen = Mean()
        var kept = Mean()
        for (layer, factors) in values {
            let removed = Set(selection.removed(in: layer))
            var chosenHere = Mean()
            var keptHere = Mean()
            for (unit, factor) in factors.enumerated() {
                if removed.contains(unit) {
                    chosenHere.add(Double(factor))
                } else {
                    keptHere.add(Double(factor))
                }
            }
            figures["chosen.\(layer)"] = chosenHere.value
            figures["kept.\(layer)"] = keptHere.value
            chosen.add(chosenHere)
            kept.add(keptHere)
        }
        figures["chosen"] = chosen.value
        figures["kept"] = kept.value
        return figures
    }

    var extras: [String: String] {
        get throws {
            ["selection": try JSONText.text(selection, .compact)]
        }
    }

    func restore(extras: [String: String]) throws {
        let json = Data((extras["selection"] ?? "").utf8)
        guard let stored = try? JSONDecoder().decode(UnitSelection.self, from: json) else {
            throw VSRError(.corruptData, "the checkpoint does not say which units are to go")
        }
        try stored.validate(for: network.blueprint)
        selection = stored
        masks = try makeMasks()
    }

    /// The trained network without the chosen units, factors folded into its weights.
    func result(of trained: Model) throws -> Model {
        let factors = ScalingFactors(values: try network.factorValues())
        return try trained.folding(factors).removing(selection)
    }
}

/// A running mean.
private struct Mean {
    private var sum = 0.0
    private var count = 0

    mutating func add(_ value: Double) {
        sum += value
        count += 1
    }

    mutating func add(_ other: Mean) {
        sum += other.sum
        count += other.count
    }

    /// `nil` of nothing.
    var value: Double? { count > 0 ? sum / Double(count) : nil }
}
