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
        /// What is to go, and how much of it.
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
            if case .ratio(let share)? = selection.target { selection.ratio = share }
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
            try InvalidSetting.require(
                selection.structure == .free || regularization.rounds == 1,
                "regularization.rounds", regularization.rounds,
                "1 with an aligned structure, whose units go all at once")
            try validateCommon()
        }
    }

    /// What compressing a network gives.
    public struct Outcome: Sendable {
        /// The pruned network.
        public var model: Model
        /// What was removed from the dense one.
        public var removal: PruningSelection
        /// The units that are gone with it.
        public var removedCount: Int
    }

    public let network: BasicVSR
    public let groups: [Optimizer.Group]
    public let sources: [String: String]
    public let remarks: [String]

    /// What is to go after each round that has begun; the last round's is removed at the end.
    private(set) var removals: [PruningSelection]
    private let target: PruningTarget

    private let configuration: Configuration
    private(set) var factors: [PenalizedFactors]

    public convenience init(_ configuration: Configuration, device: Device) throws {
        try self.init(configuration, environment: TrainingEnvironment(device: device))
    }

    public convenience init(
        _ configuration: Configuration, environment: TrainingEnvironment
    ) throws {
        let source = try StageModel(configuration.model)
        let blueprint = source.model.blueprint
        let (target, latency) = try PruningGoal(configuration.selection).resolved(
            for: blueprint, progress: environment.progress, cancellation: environment.cancellation
        ) {
            try blueprint.pruned(
                by: PruningSelection(
                    pruning: source.model, to: $0, options: configuration.selection.options))
        }
        try self.init(
            configuration, source, to: target,
            remarks: latency.map { [$0.text] + $0.remarks } ?? [], device: environment.device)
    }

    private init(
        _ configuration: Configuration, _ source: StageModel, to target: PruningTarget,
        remarks: [String], device: Device
    ) throws {
        self.configuration = configuration
        sources = ["model": source.fingerprint]
        self.remarks = source.remarks + remarks
        self.target = target
        removals = [
            try PruningSelection(
                pruning: source.model,
                to: Self.target(target, ofRound: 0, source.model.blueprint, configuration),
                options: configuration.selection.options)
        ]
        let isAligned = configuration.selection.structure == .aligned
        network = try BasicVSR(
            source.model, hasFactors: !isAligned,
            filterUnits: isAligned ? source.model.blueprint.alignedFilterUnits : [:],
            device: device)
        groups = [
            network.groups(rate: configuration.optimizer.rate).network,
            Optimizer.Group(
                name: "factors",
                parameters: network.namedFactors.map {
                    NamedTensor("factor \($0.name)", $0.tensor)
                },
                rate: configuration.regularization.factorRate),
        ]
        factors = try PenalizedFactors.all(of: network, for: removals)
    }

    /// What is removed at the end, as far as it is chosen.
    var removal: PruningSelection { removals[removals.count - 1] }

    /// Rounds remove equal parts of the whole.
    private static func target(
        _ target: PruningTarget, ofRound round: Int, _ blueprint: Blueprint,
        _ configuration: Configuration
    ) -> PruningTarget {
        let rounds = configuration.regularization.rounds
        guard round < rounds - 1 else { return target }
        return target.part(
            Double(round + 1) / Double(rounds), of: blueprint,
            at: configuration.selection.options.frameSize)
    }

    /// Chooses the units of the round that an iteration begins, by the present weights.
    private func beginRound(at iteration: Int) throws {
        let round = configuration.regularization.round(at: iteration)
        guard removals.count <= round, case .free(let earlier) = removal else { return }
        let present = try network.model().folding(ScalingFactors(values: network.factorValues()))
        removals.append(
            .free(
                try UnitSelection(
                    pruning: present,
                    to: Self.target(target, ofRound: round, network.blueprint, configuration),
                    options: configuration.selection.options, after: earlier)))
        factors = try PenalizedFactors.all(of: network, for: removals)
    }

    public func rate(ofGroup index: Int, at iteration: Int) -> Double { groups[index].rate }

    public func loss(of batch: ClipBatch, at iteration: Int) throws -> StageLoss {
        try beginRound(at: iteration)
        let frames = try autocasting(configuration.run.bfloat16, network.device) {
            let assembled = try network.assembled(convolutions: configuration.run.convolutions)
            let flows = try assembled.flows(of: batch.low, isFrozen: true)
            return try assembled(batch.low, flows: flows).frames
        }
        let reconstruction = try Losses.charbonnier(frames, batch.high)
        var total = reconstruction
        var squares = try Tensor.zeros([], device: network.device)
        for round in removals.indices {
            let weight = configuration.regularization.penalty(at: iteration, ofRound: round)
            var penalty = try Tensor.zeros([], device: network.device)
            for layer in factors {
                if let chosen = try layer.chosenSquares(ofRound: round) {
                    penalty = try penalty + chosen
                }
            }
            total = try total.adding(penalty, times: weight / 2)
            squares = try squares + penalty
        }
        return StageLoss(
            total: total, parts: ["reconstruction": reconstruction, "squaredFactors": squares])
    }

    /// Mean factors of the units that are to go and of those that stay, in all and per layer, and
    /// the penalty.
    public func figures(at iteration: Int) throws -> [String: Double] {
        var figures = [
            "penalty": configuration.regularization.penalty(
                at: max(iteration - 1, 0), ofRound: removals.count - 1)
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
        get throws { ["selections": try JSONText.text(removals, .compact)] }
    }

    public func restore(extras: [String: String]) throws {
        func decoded<Value: Decodable>(_ text: String) throws -> Value {
            try JSONText.decode(
                from: Data(text.utf8), in: "the checkpoint",
                as: "list of the units that are to go")
        }
        let stored: [PruningSelection]
        if let only = extras["selection"] {  // checkpoints of earlier versions
            stored = [try decoded(only)]
        } else {
            stored = try decoded(extras["selections"] ?? "")
        }
        guard !stored.isEmpty else {
            throw VSRError(.corruptData, "the checkpoint does not say which units are to go")
        }
        for removal in stored { try removal.validate(for: network.blueprint) }
        factors = try PenalizedFactors.all(of: network, for: stored)
        removals = stored
    }

    /// The trained network without the chosen units, factors folded into its weights.
    public func result(of trained: Model) throws -> Model {
        let folded =
            switch removal {
            case .free: try trained.folding(ScalingFactors(values: network.factorValues()))
            case .aligned:
                try trained.folding(
                    filterFactors: network.filterFactors.mapValues { try $0.floats() })
            }
        return try folded.pruned(by: removal)
    }

    public func finish(_ model: Model, in run: FinishedRun) throws -> Outcome {
        try JSONText.write(removal, to: "\(run.folder)/selection.json")
        return Outcome(
            model: model, removal: removal,
            removedCount: network.blueprint.unitCount - model.blueprint.unitCount)
    }
}
