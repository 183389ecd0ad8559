import Torch
import VSRCore
import VSRModel
import VSRNetworks

/// Trains a dense network from scratch.
final class PretrainStage: TrainingStage {
    let name = "pretrain"
    let network: BasicVSR
    let groups: [Adam.Group]
    var iterations: Int { configuration.iterations }

    private let configuration: PretrainConfiguration
    private let schedule: Schedule
    private let bfloat16: Bool
    private var hasPretrainedFlow: Bool { configuration.network.flowWeights != nil }

    init(_ configuration: PretrainConfiguration, device: Device) throws {
        self.configuration = configuration
        bfloat16 = configuration.run.bfloat16
        schedule = .cosine(
            final: configuration.optimizer.finalRate, iterations: configuration.iterations)
        let model = try Self.initialModel(configuration)
        network = try BasicVSR(model, device: device)
        groups = Self.groups(network, rate: configuration.optimizer.rate)
    }

    /// Random weights, and pretrained ones for the flow network where they are given.
    private static func initialModel(_ configuration: PretrainConfiguration) throws -> Model {
        let model = try Model.initialized(
            configuration.network.blueprint, seed: configuration.run.seed)
        guard let path = configuration.network.flowWeights else { return model }
        let weights = try FlowWeights.read(try expandingVariables(path))
        let found = try FlowWeights.network(of: weights)
        guard found == model.blueprint.flow else {
            throw VSRError(
                .shapeMismatch,
                "\(path) holds a flow network of widths \(found.widths) and \(found.levels) "
                    + "levels: set network.flowWidths and network.flowLevels so, not "
                    + "\(model.blueprint.flow.widths) and \(model.blueprint.flow.levels)")
        }
        return try model.replacingFlow(with: weights)
    }

    static func groups(_ network: BasicVSR, rate: Double) -> [Adam.Group] {
        let flowNames = network.flowParameterNames
        let sorted = network.namedParameters
        return [
            Adam.Group(
                name: "network", parameters: sorted.filter { !flowNames.contains($0.name) },
                rate: rate),
            Adam.Group(
                name: "flow", parameters: sorted.filter { flowNames.contains($0.name) }, rate: rate),
        ]
    }

    func rate(ofGroup index: Int, at iteration: Int) -> Double {
        let rate = schedule.rate(initial: configuration.optimizer.rate, iteration: iteration)
        return index == 1 && hasPretrainedFlow ? rate * configuration.flow.rateFactor : rate
    }

    func loss(of batch: ClipBatch, at iteration: Int) throws -> StageLoss {
        let isFrozen = hasPretrainedFlow && iteration < configuration.flow.frozenIterations
        let (flows, frames) = try autocasting(bfloat16, network.device) {
            let assembled = try network.assembled()
            let flows =
                isFrozen
                ? try withoutGradients { try assembled.flows(of: batch.low) }
                : try assembled.flows(of: batch.low)
            return (flows, try assembled(batch.low, flows: flows).frames)
        }
        let reconstruction = try Losses.charbonnier(frames, batch.high)
        let weight = configuration.flow.photometricWeight
        guard weight > 0, !isFrozen, let photometric = try Self.photometric(batch.low, flows) else {
            return StageLoss(total: reconstruction, parts: [:])
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
        for (branch, flow) in flows.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            let reference = branch == .forward ? later : earlier
            let supporting = branch == .forward ? earlier : later
            let warped = try Warp.sample(
                supporting, along: flow.reshaped([rows[0], 2, rows[2], rows[3]]), outside: .border)
            let distance = try Losses.charbonnier(warped, reference)
            sum = try sum.map { try $0 + distance } ?? distance
        }
        return sum
    }
}

/// Runs `body` with convolutions in bfloat16 if so asked.
func autocasting<Result>(
    _ isEnabled: Bool, _ device: Device, _ body: () throws -> Result
) throws -> Result {
    isEnabled ? try withAutocast(to: .bfloat16, on: device, body) : try body()
}
