import Torch
import VSRConfiguration
import VSRCore
import VSRModel
import VSRNetworks

/// Trains a dense network from scratch.
public final class Pretrain: TrainingStage {
    public static let name = "pretrain"

    /// Settings of pretraining.
    public struct Configuration: StageConfiguration {
        /// The run's folder: its model, log, configuration and checkpoints.
        public var output = "runs/pretrain"
        public var iterations = 300_000
        public var network = NetworkSettings()
        public var data = DataSettings()
        public var validation = ValidationSettings()
        public var optimizer = OptimizerSettings()
        public var flow = FlowSettings()
        public var run = RunSettings()

        public init() {}

        public var updates: UpdateRule { optimizer.updates }

        public mutating func fixOwnSettings() {
            iterations = 1
            // Whether there are any decides how the flow network learns.
            network.flowWeights = network.flowWeights.map { _ in "-" }
        }

        public func validate() throws { try validateCommon() }
    }

    public let network: BasicVSR
    public let groups: [Optimizer.Group]
    public let sources: [String: String]

    private let configuration: Configuration
    private let schedule: RateSchedule
    private let hasPretrainedFlow: Bool

    public convenience init(_ configuration: Configuration, device: Device) throws {
        let start = try Self.start(configuration)
        try self.init(
            configuration, from: start.model, sources: start.sources,
            hasPretrainedFlow: configuration.network.flowWeights != nil, device: device)
    }

    /// - Parameter model: The network to start from, in place of the configuration's.
    init(
        _ configuration: Configuration, from model: Model, sources: [String: String] = [:],
        hasPretrainedFlow: Bool, device: Device
    ) throws {
        self.configuration = configuration
        self.sources = sources
        self.hasPretrainedFlow = hasPretrainedFlow
        schedule = configuration.optimizer.schedule(iterations: configuration.iterations)
        network = try BasicVSR(model, device: device)
        let groups = network.groups(
            rate: configuration.optimizer.rate, method: configuration.optimizer.method)
        self.groups = [groups.network, groups.flow]
    }

    /// Random weights, and pretrained ones for the flow network where they are given.
    private static func start(
        _ configuration: Configuration
    ) throws -> (model: Model, sources: [String: String]) {
        let model = try Model.initialized(
            configuration.network.blueprint, seed: configuration.run.seed)
        guard let path = configuration.network.flowWeights else { return (model, [:]) }
        let weights = try FlowWeights.read(try expandingVariables(path))
        let found = try FlowWeights.network(of: weights)
        let own = model.blueprint.flow
        // Weights for whole frames have the levels, too, that reduced ones are without.
        let levels = [own.levels, own.levels + own.reduction.trailingZeroBitCount]
        guard found.widths == own.widths, found.kernelSizes == own.kernelSizes,
            levels.contains(found.levels)
        else {
            throw VSRError(
                .shapeMismatch,
                "\(path) holds a flow network of widths \(found.widths), kernels "
                    + "\(found.kernelSizes) and \(found.levels) levels: set network.flowWidths, "
                    + "network.flowKernels and network.flowLevels so, not "
                    + "\(own.widths), \(own.kernelSizes) and \(own.levels)")
        }
        let replaced = try model.replacingFlow(with: weights)
        let flow = Model(blueprint: replaced.blueprint, tensors: weights)
        return (replaced, ["network.flowWeights": flow.fingerprint])
    }

    public func rate(ofGroup index: Int, at iteration: Int) -> Double {
        let rate = schedule.rate(initial: configuration.optimizer.rate, iteration: iteration)
        return index == 1 && hasPretrainedFlow ? rate * configuration.flow.rateFactor : rate
    }

    /// Whether the flow network stays as it is for the update that follows `iteration` others.
    func isFlowFrozen(at iteration: Int) -> Bool {
        hasPretrainedFlow && iteration < configuration.flow.frozenIterations
    }

    public func loss(of batch: ClipBatch, at iteration: Int) throws -> StageLoss {
        let isFrozen = isFlowFrozen(at: iteration)
        let warm = try network.warmStates(around: batch, configuration.run)
        let (flows, frames) = try autocasting(configuration.run.bfloat16, network.device) {
            let assembled = try network.assembled(convolutions: configuration.run.convolutions)
            let flows =
                try batch.flows ?? assembled.flows(of: batch.low, isFrozen: isFrozen)
            return (flows, try assembled(batch.low, flows: flows, from: warm.states).frames)
        }
        let reconstruction = try Losses.charbonnier(frames, batch.high)
        let weight = configuration.flow.photometricWeight
        guard weight > 0, !isFrozen, let photometric = try Self.photometric(batch.low, flows) else {
            return StageLoss(total: reconstruction)
        }
        return StageLoss(
            total: try reconstruction.adding(photometric, times: weight),
            parts: ["reconstruction": reconstruction, "photometric": photometric])
    }

    /// How far frames are from their neighbors warped along the flow; `nil` for single frames.
    private static func photometric(
        _ clip: Tensor, _ flows: [Blueprint.Branch: Tensor]
    ) throws -> Tensor? {
        let shape = clip.shape
        let pairs = shape[1] - 1
        guard pairs > 0 else { return nil }
        let rows = [shape[0] * pairs] + shape[2...]
        let earlier = try clip.sliced(0..<pairs, along: 1).reshaped(rows)
        let later = try clip.sliced(1..<pairs + 1, along: 1).reshaped(rows)
        var sum: Tensor?
        for branch in Blueprint.Branch.allCases {
            guard let flow = flows[branch] else { continue }
            let pair = branch.flowPair(earlier: earlier, later: later)
            let warped = try Warp.sample(
                pair.supporting, along: flow.reshaped([rows[0], 2, rows[2], rows[3]]),
                outside: .border)
            let distance = try Losses.charbonnier(warped, pair.reference)
            sum = try sum.map { try $0 + distance } ?? distance
        }
        return sum
    }
}
