import Foundation
import Torch
import VSRConfiguration
import VSRCore
import VSRData
import VSRModel
import VSRNetworks
import VSRPruning
import VSRTools

/// Prunes a dense network: chooses units, drives their scaling factors to zero, so that the weights
/// that stay learn to do without them, and removes them.
///
/// It also writes `selection.json`: the units that were removed, or, in an aligned structure, the
/// filters that were kept; in an ungrouped one single filters, too.
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
        /// Whether what is left is refitted to the dense network by least squares at the end; not
        /// where it is left out.
        public var compensate: Bool?
        public var data = DataSettings()
        public var validation = ValidationSettings()
        public var optimizer = ConstantOptimizerSettings()
        public var run = RunSettings()

        public init() {}

        public var iterations: Int { regularization.iterations }
        public var updates: UpdateRule { optimizer.updates }

        public mutating func fixOwnSettings() {
            model = "-"
            // Left out or written, the same is the same run.
            if compensate == false { compensate = nil }
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
                "1 with an \(selection.structure.rawValue) structure, whose units go all at once")
            try InvalidSetting.require(
                compensate != true || selection.structure == .free, "compensate", "true",
                "left out with an \(selection.structure.rawValue) structure")
            try InvalidSetting.require(
                selection.scoreBatches == nil || selection.score == .taylor,
                "selection.scoreBatches", selection.scoreBatches ?? 0,
                "left out unless selection.score is taylor")
            try InvalidSetting.require(
                selection.score != .taylor || selection.targetMs == nil
                    || regularization.rounds == 1,
                "regularization.rounds", regularization.rounds,
                "1 with taylor scores and a target of time, which is found once")
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
    ///
    /// With Taylor scores none until ``prepare(_:environment:)`` or a checkpoint says so.
    private(set) var removals: [PruningSelection]
    /// `nil` where it is a time that is found by Taylor scores.
    private var target: PruningTarget?
    /// What Taylor scores take gradients of.
    private(set) var batches: (any BatchSource)?

    let configuration: Configuration
    /// The network as it was read.
    let dense: Model
    /// What the result is refitted on, if it is.
    var calibration: CompensatedRefit.Calibration?
    private(set) var factors: [PenalizedFactors]

    public convenience init(_ configuration: Configuration, device: Device) throws {
        try self.init(configuration, environment: TrainingEnvironment(device: device))
    }

    public convenience init(
        _ configuration: Configuration, environment: TrainingEnvironment
    ) throws {
        let source = try StageModel(configuration.model)
        if configuration.selection.score == .taylor, configuration.selection.targetMs != nil {
            try self.init(configuration, source, to: nil, remarks: [], device: environment.device)
            return
        }
        let scores = try PruningScores(
            l1Of: source.model, options: configuration.selection.options)
        let (target, latency) = try Self.target(
            of: source.model.blueprint, by: scores, configuration, environment)
        try self.init(
            configuration, source, to: target,
            remarks: latency.map { [$0.text] + $0.remarks } ?? [], device: environment.device)
    }

    /// The target, and what was measured to find it where it is a time.
    private static func target(
        of blueprint: Blueprint, by scores: PruningScores, _ configuration: Configuration,
        _ environment: TrainingEnvironment
    ) throws -> (target: PruningTarget, latency: LatencySearch.Outcome?) {
        try PruningGoal(configuration.selection).resolved(
            for: blueprint, progress: environment.progress, cancellation: environment.cancellation
        ) {
            try blueprint.pruned(
                by: PruningSelection(
                    scores, of: blueprint, to: $0, options: configuration.selection.options))
        }
    }

    private init(
        _ configuration: Configuration, _ source: StageModel, to target: PruningTarget?,
        remarks: [String], device: Device
    ) throws {
        self.configuration = configuration
        dense = source.model
        sources = ["model": source.fingerprint]
        self.remarks = source.remarks + remarks
        self.target = target
        // With Taylor scores, which wait for clips, this tells whether the target can be met at all.
        let first = try target.map {
            try PruningSelection(
                pruning: source.model,
                to: Self.target($0, ofRound: 0, source.model.blueprint, configuration),
                options: Self.options(ofRound: 0, configuration))
        }
        let isTaylor = configuration.selection.score == .taylor
        removals = isTaylor ? [] : [first].compactMap { $0 }
        let structure = configuration.selection.structure
        network = try BasicVSR(
            source.model, hasFactors: structure != .aligned,
            filterUnits: source.model.blueprint.filterUnits(structure), device: device)
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

    /// How units are chosen in a round, after which parts have lost their share of the whole.
    private static func options(
        ofRound round: Int, _ configuration: Configuration
    ) -> PruningOptions {
        var options = configuration.selection.options
        let rounds = configuration.regularization.rounds
        guard round < rounds - 1 else { return options }
        options.partRatios = options.partRatios.scaled(by: Double(round + 1) / Double(rounds))
        return options
    }

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

    /// Chooses the first round's units by Taylor scores, which take clips.
    public func prepare(_ source: any BatchSource, environment: TrainingEnvironment) throws {
        guard configuration.selection.score == .taylor else { return }
        batches = source
        guard removals.isEmpty else { return }
        let scores = try taylorScores(at: 0, environment.cancellation)
        if target == nil {
            let (found, latency) = try Self.target(
                of: network.blueprint, by: scores, configuration, environment)
            target = found
            latency.map { [$0.text] + $0.remarks }?.forEach(environment.note)
        }
        try choose(by: scores, ofRound: 0)
    }

    /// Chooses the units of the round that an iteration begins, by the present weights.
    private func beginRound(at iteration: Int) throws {
        let round = configuration.regularization.round(at: iteration)
        guard removals.count <= round, case .free(let earlier)? = removals.last else { return }
        let scores: PruningScores
        if configuration.selection.score == .taylor {
            scores = try taylorScores(at: iteration)
        } else {
            scores = try PruningScores(
                l1Of: network.model().folding(ScalingFactors(values: network.factorValues())),
                options: configuration.selection.options)
        }
        try choose(by: scores, ofRound: round, after: earlier)
    }

    private func choose(
        by scores: PruningScores, ofRound round: Int, after earlier: UnitSelection = .init()
    ) throws {
        guard let target else { return }
        removals.append(
            try PruningSelection(
                scores, of: network.blueprint,
                to: Self.target(target, ofRound: round, network.blueprint, configuration),
                options: Self.options(ofRound: round, configuration), after: earlier))
        factors = try PenalizedFactors.all(of: network, for: removals)
    }

    public func rate(ofGroup index: Int, at iteration: Int) -> Double { groups[index].rate }

    /// The distance of the network's frames from the true ones, a scalar.
    func reconstruction(of batch: ClipBatch) throws -> Tensor {
        let warm = try network.warmStates(around: batch, configuration.run)
        let frames = try autocasting(configuration.run.bfloat16, network.device) {
            let assembled = try network.assembled(convolutions: configuration.run.convolutions)
            let flows = try assembled.flows(of: batch.low, isFrozen: true)
            return try assembled(batch.low, flows: flows, from: warm.states).frames
        }
        return try Losses.charbonnier(frames, batch.high)
    }

    public func loss(of batch: ClipBatch, at iteration: Int) throws -> StageLoss {
        try beginRound(at: iteration)
        let reconstruction = try reconstruction(of: batch)
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
        try trained.folding(ScalingFactors(values: network.factorValues()))
            .folding(filterFactors: network.filterFactors.mapValues { try $0.floats() })
            .pruned(by: removal)
    }

    public func finish(_ model: Model, in run: FinishedRun) throws -> Outcome {
        try JSONText.write(removal, to: "\(run.folder)/selection.json")
        return Outcome(
            model: model, removal: removal,
            removedCount: network.blueprint.unitCount - model.blueprint.unitCount)
    }
}
