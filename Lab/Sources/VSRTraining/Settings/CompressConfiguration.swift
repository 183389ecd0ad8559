import Foundation
import VSRConfiguration
import VSRCore
import VSRPruning

/// Pruning of a dense network: units are chosen, driven to zero, then removed.
public struct CompressConfiguration: Configuration, Equatable {
    /// The dense network's model file.
    public var model = ""
    /// The run's folder.
    public var output = "runs/compress"
    public var selection = SelectionSettings()
    public var regularization = RegularizationSettings()
    public var data = DataSettings()
    public var validation = ValidationSettings()
    public var optimizer = ConstantOptimizerSettings()
    public var run = RunSettings()

    public init() {}

    public func validate() throws {
        try require(!model.isEmpty, "model", "\"\"", "a model file")
        try require(!output.isEmpty, "output", "\"\"", "a folder")
        try selection.validate()
        try regularization.validate()
        try data.validate()
        try validation.validate()
        try optimizer.validate()
        try run.validate()
    }
}

/// Adam at a constant rate, without averages: weights must follow their factors at once.
public struct ConstantOptimizerSettings: Configuration, Equatable {
    /// The rate of weights and biases.
    public var rate = 2e-4
    public var beta1 = 0.9
    public var beta2 = 0.99

    public init() {}

    public func validate() throws {
        try require(rate >= 0, "optimizer.rate", rate, "at least 0")
        try require((0..<1).contains(beta1), "optimizer.beta1", beta1, "in 0..<1")
        try require((0..<1).contains(beta2), "optimizer.beta2", beta2, "in 0..<1")
    }
}

/// Which units are removed.
public struct SelectionSettings: Configuration, Equatable {
    /// Share of all units that is removed, where no target is given.
    public var ratio = 0.5
    /// Multiply-accumulates per 320×180 frame to reach, without the flow network: a count, or a
    /// fraction of the dense network's if below 1.
    public var targetMacs: Double?
    /// Parameters to reach, likewise.
    public var targetParameters: Double?
    public var scope = PruningOptions.Scope.global
    /// Which end of the ranking is removed.
    public var order = PruningOptions.Order.min
    /// How a unit's weights make its score.
    public var norm = ScoreNorm.mean
    /// Kept counts of every layer are multiples of this.
    public var align = 1
    /// Seed of a random order.
    public var seed: UInt64 = 0

    public init() {}

    var target: PruningTarget {
        if let macs = targetMacs {
            return macs < 1 ? .macsFraction(macs) : .macs(Int(macs.rounded()))
        }
        if let parameters = targetParameters {
            return parameters < 1
                ? .parametersFraction(parameters) : .parameters(Int(parameters.rounded()))
        }
        return .ratio(ratio)
    }

    var options: PruningOptions {
        PruningOptions(scope: scope, order: order, norm: norm, seed: seed, alignment: align)
    }

    public func validate() throws {
        try require((0..<1).contains(ratio), "selection.ratio", ratio, "in 0..<1")
        try require(
            targetMacs == nil || targetParameters == nil, "selection.targetParameters", "given",
            "left out where selection.targetMacs is given")
        for (key, target) in [("targetMacs", targetMacs), ("targetParameters", targetParameters)] {
            guard let target else { continue }
            try require(target > 0 && target < 1e18, "selection.\(key)", target, "positive")
        }
        try require((1...1024).contains(align), "selection.align", align, "in 1...1024")
    }
}

/// The growing penalty on the scaling factors of the units to be removed.
///
/// Source: Xia et al., CVPR 2023, Sec. 3.4; defaults of the authors' code.
public struct RegularizationSettings: Configuration, Equatable {
    /// What the penalty α grows by, Δ.
    public var step = 1e-4
    /// Iterations between two steps, T.
    public var interval = 5
    /// The largest penalty, τ.
    public var limit = 0.1
    /// Iterations after the penalty has reached it, K.
    public var hold = 14_000
    /// Rate of the scaling factors.
    public var factorRate = 2e-4

    public init() {}

    /// Iterations of the whole stage.
    public var iterations: Int { growthSteps * interval + hold }

    private var growthSteps: Int { Int((limit / step).rounded(.up)) }

    /// The penalty at an iteration, counted from 0.
    public func penalty(at iteration: Int) -> Double {
        Swift.min(limit, step * Double(iteration / interval))
    }

    public func validate() throws {
        let finite = 1e-12...1e12
        try require(finite.contains(step), "regularization.step", step, "positive")
        try require(finite.contains(limit), "regularization.limit", limit, "positive")
        try require(
            limit / step <= 1e7, "regularization.step", step, "at least 1e-7 of the limit")
        try require(
            (1...1_000_000).contains(interval), "regularization.interval", interval,
            "in 1...1000000")
        try require(
            (0...1_000_000_000).contains(hold), "regularization.hold", hold, "at least 0")
        let reach = factorRate * Double(iterations)
        guard reach >= 2 else {
            throw VSRError(
                .invalidArgument,
                "regularization.factorRate \(factorRate) over \(iterations) iterations cannot bring "
                    + "factors from 1 to 0, since Adam moves them by about the rate at each: raise "
                    + "it to at least \(String(format: "%.1e", 3 / Double(iterations))), or train longer"
            )
        }
    }
}
