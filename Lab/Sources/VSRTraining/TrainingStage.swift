import Torch
import VSRModel
import VSRNetworks

/// What a training stage does beside the loop that all stages share.
protocol TrainingStage: AnyObject {
    /// `pretrain`, `compress`, `finetune`; checkpoints are marked by it.
    var name: String { get }
    /// Updates of the whole stage.
    var iterations: Int { get }
    /// The network that learns.
    var network: BasicVSR { get }
    /// What the optimizer changes, at the rates of iteration 0.
    var groups: [Adam.Group] { get }

    /// The rate of group `index` for the update that follows `iteration` earlier ones.
    func rate(ofGroup index: Int, at iteration: Int) -> Double

    /// The loss of a batch and its parts, a graph that reaches the groups' parameters.
    func loss(of batch: ClipBatch, at iteration: Int) throws -> StageLoss

    /// Changes gradients before the update.
    func adjustGradients(at iteration: Int) throws

    /// Figures for a line of the log.
    func figures(at iteration: Int) throws -> [String: Double]

    /// What the stage makes of the trained network: its result, and what is validated.
    func result(of trained: Model) throws -> Model

    /// What a checkpoint must hold besides weights and the optimizer's state.
    var extras: [String: String] { get throws }
    func restore(extras: [String: String]) throws
}

extension TrainingStage {
    func adjustGradients(at iteration: Int) throws {}
    func figures(at iteration: Int) throws -> [String: Double] { [:] }
    func result(of trained: Model) throws -> Model { trained }
    var extras: [String: String] { [:] }
    func restore(extras: [String: String]) throws {}
}

/// A loss and what it consists of.
struct StageLoss {
    /// A scalar.
    var total: Tensor
    /// Scalars by name, for the log.
    var parts: [String: Tensor]
}

/// A training batch on the network's device.
struct ClipBatch {
    /// Low-resolution frames `[B, T, 3, h, w]`.
    var low: Tensor
    /// The frames that they were made from, `[B, T, 3, sh, sw]`.
    var high: Tensor
}
