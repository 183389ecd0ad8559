import Torch
import VSRCore
import VSRModel
import VSRNetworks

/// The dense network that a student's hidden states are held to; its weights never change.
struct Teacher {
    private let network: AssembledNetwork
    /// The channels that the student's are compared with.
    let channels: TeacherChannels
    /// Whether the student starts with the same flow network, which runs once while it is frozen.
    private let sharesFlow: Bool

    /// - Throws: `shapeMismatch` where the networks' hidden states cannot be compared.
    init(_ model: Model, of student: Model, device: Device) throws {
        channels = try TeacherChannels(of: model.blueprint, for: student, device: device)
        sharesFlow = model.hasSameFlowNetwork(as: student)
        network = try withoutGradients { try BasicVSR(model, device: device).assembled() }
    }

    /// Each branch's hidden states for a clip `[B, T, 3, H, W]`, in frame order.
    ///
    /// - Parameter studentFlows: The student's flows as long as its flow network is frozen.
    func hiddenStates(
        of clip: Tensor, studentFlows: [Blueprint.Branch: Tensor]? = nil
    ) throws -> [Blueprint.Branch: [Tensor]] {
        try withoutGradients {
            try network.hiddenStates(of: clip, flows: sharesFlow ? studentFlows : nil)
        }
    }

    /// The mean absolute difference of final hidden states, summed over the branches: a scalar.
    func distance(
        of output: AssembledNetwork.Output, from states: [Blueprint.Branch: [Tensor]]
    ) throws -> Tensor {
        var sum: Tensor?
        for branch in network.blueprint.branches {
            guard let own = output.finalState(branch),
                let other = AssembledNetwork.finalState(branch, of: states)
            else { continue }
            let distance = try Losses.meanAbsoluteDifference(
                own, channels.selected(from: other, branch))
            sum = try sum.map { try $0 + distance } ?? distance
        }
        guard let sum else {
            throw VSRError(.invalidArgument, "the clip has no frames to compare states of")
        }
        return sum
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
