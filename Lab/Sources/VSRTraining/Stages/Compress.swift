import Foundation
import Torch
import VSRConfiguration
import VSRCore
import VSRModel
import VSRNetworks
import VSRPruning
import VSRTools

/// Prunes a dense network: chooses units, drives their scaling factors to zero, so that the weights
/// that stay learn to do without them, and removes them.
///
/// It also writes `selection.json`: the units that were removed, or, in an aligned structure, the
/// filters that were kept.
///
/// Source: Xia et al., CVPR 2023, Sec. 3.2 (2); in an aligned structure Zhang et al., "Aligned
/// Structured Sparsity Learning for Efficient Image Super-Resolution", NeurIPS 2021.
public final class Compress: TrainingStage {
    public static let name = "compress"
    public static let files = ["selection.json"]

    /// Settings of compression.
    public struct Configuration: StageConfiguration {
        /// The dense network's model file.
        public var model = ""
        /// The run's folder.
        public var output = "runs/compress"
        public var selection = PruningSettings()
        public var regularization = RegularizationSettings()
        public var data = DataSettings()
        public var validation = ValidationSettings()
        public var optimizer = ConstantOptimizerSettings()
        public var run = RunSettings()

        public init() {}

        public var iterations: Int { regularization.iterations }
        public var updates: UpdateRule { optimizer.updates }

        public mutating func fixOwnSettings() {
            model = "-"
            // Left out or written, the same ratio is the same run.
            if case .ratio(let share) = selection.target { selection.ratio = share }
        }

        /// Earlier versions wrote the default ratio beside a target, and ignored it.
        public static func overrides(ofOlder older: ConfigurationValue) -> [String] {
            guard case .mapping(let entries) = older,
                case .mapping(let selection)? = entries["selection"],
                [selection["targetMacs"], selection["targetParameters"]].contains(where: {
                    $0 != nil && $0 != .null
                })
            else { return [] }
            return ["selection.ratio=null"]
        }

        public func validate() throws {
            try InvalidSetting.require(!model.isEmpty, "model", "\"\"", "a model file")
            try validateCommon()
        }
    }

    /// What compressing a network gives.
    public struct Outcome: Sendable {
        /// The pruned network.
        public var model: Model
        /// What was removed from the dense one.
        public var selection: PruningSelection
        /// The units that are gone with it.
        public var removedCount: Int
    }

    public let network: BasicVSR
    public let groups: [Adam.Group]
    public let sources: [String: String]
    public let remarks: [String]

    /// What is removed at the end; fixed when the stage begins.
    private(set) var selection: PruningSelection

    private let configuration: Configuration
    private(set) var factors: [PenalizedFactors]

    /// - Throws: `invalidArgument` where the settings name a target of time, which takes measuring.
    public convenience init(_ configuration: Configuration, device: Device) throws {
        try InvalidSetting.require(
            configuration.selection.targetMs == nil, "selection.targetMs", "given",
            "left out where nothing can be measured")
        try self.init(
            configuration, try StageModel(configuration.model),
            to: configuration.selection.target, device: device)
    }

    public convenience init(
        _ configuration: Configuration, environment: TrainingEnvironment
    ) throws {
        let source = try StageModel(configuration.model)
        var search = LatencySearch(configuration.selection)
        search?.measurement.progress = environment.progress
        search?.measurement.cancellation = environment.cancellation
        let found = try search?.outcome(of: source.model.blueprint) {
            try source.model.blueprint.pruned(
                by: PruningSelection(
                    pruning: source.model, to: $0, options: configuration.selection.options))
        }
        try self.init(
            configuration, source, to: found?.target ?? configuration.selection.target,
            remarks: found.map { [$0.text] + $0.remarks } ?? [], device: environment.device)
    }

    private init(
        _ configuration: Configuration, _ source: StageModel, to target: PruningTarget,
        remarks: [String] = [], device: Device
    ) throws {
        self.configuration = configuration
        sources = ["model": source.fingerprint]
        self.remarks = source.remarks + remarks
        selection = try PruningSelection(
            pruning: source.model, to: target, options: configuration.selection.options)
        let isAligned = configuration.selection.structure == .aligned
        network = try BasicVSR(
            source.model, hasFactors: !isAligned,
            filterUnits: isAligned ? source.model.blueprint.alignedFilterUnits : [:],
            device: device)
        groups = [
            network.groups(rate: configuration.optimizer.rate).network,
            Adam.Group(
                name: "factors",
                parameters: network.namedFactors.map {
                    NamedTensor("factor \($0.name)", $0.tensor)
                },
                rate: configuration.regularization.factorRate),
        ]
        factors = try PenalizedFactors.all(of: network, for: selection)
    }

    public func rate(ofGroup index: Int, at iteration: Int) -> Double { groups[index].rate }

    public func loss(of batch: ClipBatch, at iteration: Int) throws -> StageLoss {
        let frames = try autocasting(configuration.run.bfloat16, network.device) {
            let assembled = try network.assembled()
            let flows = try assembled.flows(of: batch.low, isFrozen: true)
            return try assembled(batch.low, flows: flows).frames
        }
        let reconstruction = try Losses.charbonnier(frames, batch.high)
        let weight = configuration.regularization.penalty(at: iteration)
        var penalty = try Tensor.zeros([], device: network.device)
        for layer in factors where !layer.chosen.isEmpty {
            penalty = try penalty + layer.chosenSquares()
        }
        return StageLoss(
            total: try reconstruction.adding(penalty, times: weight / 2),
            parts: ["reconstruction": reconstruction, "squaredFactors": penalty])
    }

    /// Mean factors of the units that are to go and of those that stay, in all and per layer, and
    /// the penalty.
    public func figures(at iteration: Int) throws -> [String: Double] {
        var figures = [
            "penalty": configuration.regularization.penalty(at: max(iteration - 1, 0))
        ]
        var chosen = Mean()
        var kept = Mean()
        for layer in factors {
            let means = try layer.means()
            figures["chosen.\(layer.name)"] = means.chosen.value
            figures["kept.\(layer.name)"] = means.kept.value
            chosen.add(means.chosen)
            kept.add(means.kept)
        }
        figures["chosen"] = chosen.value
        figures["kept"] = kept.value
        return figures
    }

    public var extras: [String: String] {
        get throws { ["selection": try JSONText.text(selection, .compact)] }
    }

    public func restore(extras: [String: String]) throws {
        let json = Data((extras["selection"] ?? "").utf8)
        guard let stored = try? JSONDecoder().decode(PruningSelection.self, from: json) else {
            throw VSRError(.corruptData, "the checkpoint does not say which units are to go")
        }
        try stored.validate(for: network.blueprint)
        factors = try PenalizedFactors.all(of: network, for: stored)
        selection = stored
    }

    /// The trained network without the chosen units, factors folded into its weights.
    public func result(of trained: Model) throws -> Model {
        let folded =
            switch selection {
            case .free: try trained.folding(ScalingFactors(values: network.factorValues()))
            case .aligned:
                try trained.folding(
                    filterFactors: network.filterFactors.mapValues { try $0.floats() })
            }
        return try folded.pruned(by: selection)
    }

    public func finish(_ model: Model, in run: FinishedRun) throws -> Outcome {
        try JSONText.write(selection, to: "\(run.folder)/selection.json")
        return Outcome(
            model: model, selection: selection,
            removedCount: network.blueprint.unitCount - model.blueprint.unitCount)
    }
}
