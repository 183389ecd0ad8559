import Torch
import VSRCore
import VSRModel
import VSRNetworks

/// Finetunes a pruned network; its final hidden states are held to those of the dense one.
///
/// Source: Xia et al., CVPR 2023, Sec. 3.2 (5).
final class FinetuneStage: TrainingStage {
    let name = "finetune"
    let network: BasicVSR
    let groups: [Adam.Group]
    var iterations: Int { configuration.iterations }

    private let configuration: FinetuneConfiguration
    private let schedule: Schedule
    private let teacher: AssembledNetwork?
    /// The teacher's channels that the network's are compared with.
    private let channels: TeacherChannels?
    /// Whether both networks have the same frozen flow network, which then runs once.
    private let sharesFlow: Bool

    init(_ configuration: FinetuneConfiguration, device: Device) throws {
        self.configuration = configuration
        let model = try ModelFile.read(try expandingVariables(configuration.model))
        network = try BasicVSR(model, device: device)
        schedule = .cosine(
            final: configuration.optimizer.finalRate, iterations: configuration.iterations)
        let flow = network.flowParameterNames
        groups = [
            Adam.Group(
                name: "network",
                parameters: network.namedParameters.filter { !flow.contains($0.name) },
                rate: configuration.optimizer.rate)
        ]
        // A teacher without a say still measures the drift.
        channels = try configuration.temporal.teacher.map { path in
            let blueprint = try ModelFile.readBlueprint(try expandingVariables(path))
            return try TeacherChannels(of: blueprint, for: model, device: device)
        }
        let dense = try configuration.temporal.teacherModel()
        sharesFlow = dense.map { $0.hasSameFlowNetwork(as: model) } ?? false
        teacher = try dense.map { dense in
            try withoutGradients { try BasicVSR(dense, device: device).assembled() }
        }
    }

    func rate(ofGroup index: Int, at iteration: Int) -> Double {
        schedule.rate(initial: configuration.optimizer.rate, iteration: iteration)
    }

    func loss(of batch: ClipBatch, at iteration: Int) throws -> StageLoss {
        let (output, target) = try autocasting(configuration.run.bfloat16, network.device) {
            let assembled = try network.assembled()
            let flows = try withoutGradients { try assembled.flows(of: batch.low) }
            let target = try teacher.map { teacher in
                try withoutGradients {
                    try teacher.hiddenStates(of: batch.low, flows: sharesFlow ? flows : nil)
                }
            }
            return (try assembled(batch.low, flows: flows), target)
        }
        let reconstruction = try Losses.charbonnier(output.frames, batch.high)
        guard let target, let channels else {
            return StageLoss(total: reconstruction, parts: [:])
        }
        var temporal = try Tensor.zeros([], device: network.device)
        for branch in network.blueprint.branches {
            guard let own = output.finalState(branch),
                let other = AssembledNetwork.finalState(branch, of: target)
            else { continue }
            temporal =
                try temporal
                + Losses.meanAbsoluteDifference(
                    own.to(.float32), channels.selected(from: other, branch).to(.float32))
        }
        return StageLoss(
            total: try reconstruction.adding(temporal, times: configuration.temporal.weight),
            parts: ["reconstruction": reconstruction, "temporal": temporal])
    }
}

extension TemporalSettings {
    /// The dense network, if one is given and has a say.
    func teacherModel() throws -> Model? {
        guard let teacher, weight > 0 else { return nil }
        return try ModelFile.read(try expandingVariables(teacher))
    }
}

extension Model {
    fileprivate func hasSameFlowNetwork(as other: Model) -> Bool {
        blueprint.flow == other.blueprint.flow
            && blueprint.flowLayers.allSatisfy { layer in
                layer.tensors.allSatisfy { tensors[$0.key] == other.tensors[$0.key] }
            }
    }
}
