import Torch
import VSRCore
import VSRModel
import VSRNetworks

/// The dense network that a student's hidden states and frames are held to; its weights never change.
struct Teacher {
    private let network: AssembledNetwork
    /// The channels that the student's are compared with; `nil` where states cannot be compared, and
    /// need not be.
    let channels: TeacherChannels?
    /// Whether the student starts with the same flow network, which runs once while it is frozen.
    private let sharesFlow: Bool

    /// - Parameter comparesStates: Whether the student's states are held to the teacher's; otherwise
    ///   any teacher of the same scale will do.
    /// - Throws: `shapeMismatch` where the networks cannot be compared.
    init(
        _ model: Model, of student: Model, device: Device, convolutions: ConvolutionMethod,
        comparesStates: Bool = true
    ) throws {
        guard model.blueprint.scale == student.blueprint.scale else {
            throw VSRError(
                .shapeMismatch,
                "temporal.teacher upscales \(model.blueprint.scale) times, the model "
                    + "\(student.blueprint.scale) times: take a teacher of the same scale")
        }
        do {
            channels = try TeacherChannels(of: model.blueprint, for: student, device: device)
        } catch let error as VSRError where error.code == .shapeMismatch && !comparesStates {
            channels = nil
        }
        // A student's flows lead only where its own branches go.
        sharesFlow =
            model.hasSameFlowNetwork(as: student)
            && Set(model.blueprint.branches).isSubset(of: student.blueprint.branches)
        network = try withoutGradients {
            try BasicVSR(model, device: device).assembled(convolutions: convolutions)
        }
    }

    /// What a student is compared with.
    struct Target {
        /// Upscaled frames `[B, T, 3, sH, sW]`, where they were asked for.
        var frames: Tensor?
        /// Each branch's hidden states in frame order, `[B, C, H, W]` each.
        var states: [Blueprint.Branch: [Tensor]]
    }

    /// What the teacher makes of a clip `[B, T, 3, H, W]`.
    ///
    /// - Parameters:
    ///   - studentFlows: The student's flows as long as its flow network is frozen.
    ///   - surroundings: Frames around the clip, on which the teacher's states are warmed up.
    ///   - studentFlowsAround: The student's flows through those, as `studentFlows`.
    func target(
        of clip: Tensor, studentFlows: [Blueprint.Branch: Tensor]? = nil, withFrames: Bool = false,
        around surroundings: FrameSurroundings? = nil,
        studentFlowsAround: [Blueprint.Branch: Tensor]? = nil
    ) throws -> Target {
        let flows = sharesFlow ? studentFlows : nil
        return try withoutGradients {
            let starts = try surroundings.map {
                try network.warmStates(
                    around: clip, $0, flows: sharesFlow ? studentFlowsAround : nil)
            }
            guard withFrames else {
                return Target(
                    states: try network.hiddenStates(of: clip, flows: flows, from: starts ?? [:]))
            }
            let output = try network(clip, flows: flows, from: starts ?? [:])
            return Target(frames: output.frames, states: output.hidden)
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
                own, comparable(other, branch))
            sum = try sum.map { try $0 + distance } ?? distance
        }
        guard let sum else { throw Self.noFrames }
        return sum
    }

    /// The mean absolute difference of hidden states, averaged over the frames and summed over the
    /// branches: a scalar.
    func meanDistance(
        of output: AssembledNetwork.Output, from states: [Blueprint.Branch: [Tensor]]
    ) throws -> Tensor {
        var sum: Tensor?
        for branch in network.blueprint.branches {
            let own = output.hidden[branch] ?? []
            let others = states[branch] ?? []
            for (state, other) in zip(own, others) {
                let distance = try Losses.meanAbsoluteDifference(
                    state, comparable(other, branch))
                let share = try distance * (1 / Double(own.count))
                sum = try sum.map { try $0 + share } ?? share
            }
        }
        guard let sum else { throw Self.noFrames }
        return sum
    }

    /// The teacher's state by the student's channels.
    private func comparable(_ state: Tensor, _ branch: Blueprint.Branch) throws -> Tensor {
        guard let channels else {
            throw VSRError(
                .invalidArgument, "the teacher was made for its frames alone: compare no states")
        }
        return try channels.selected(from: state, branch)
    }

    private static let noFrames = VSRError(
        .invalidArgument, "the clip has no frames to compare states of")
}

extension Model {
    fileprivate func hasSameFlowNetwork(as other: Model) -> Bool {
        blueprint.flow == other.blueprint.flow
            && blueprint.flowLayers.allSatisfy { layer in
                layer.tensors.allSatisfy { tensors[$0.key] == other.tensors[$0.key] }
            }
    }
}
