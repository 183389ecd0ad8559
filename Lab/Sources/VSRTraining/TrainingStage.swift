import Torch
import VSRCore
import VSRData
import VSRModel
import VSRNetworks

/// A training stage: what it does beside the loop that all stages share.
///
/// `Pretrain.run(configuration, environment: environment)` runs one; see
/// ``run(_:environment:clips:)``. A stage is made and used on the thread for LibTorch.
public protocol TrainingStage: AnyObject {
    /// The stage's settings: a YAML file's keys.
    associatedtype Configuration: StageConfiguration
    /// What running the stage gives beside the files in the run's folder.
    associatedtype Outcome = Model

    /// The command's name: `pretrain`, `compress`, `finetune`; checkpoints are marked by it.
    static var name: String { get }

    /// Makes the stage; models that the settings name are read here, each once.
    init(_ configuration: Configuration, device: Device) throws

    /// The same for a run, where something is to be measured first.
    init(_ configuration: Configuration, environment: TrainingEnvironment) throws

    /// The network that learns.
    var network: BasicVSR { get }

    /// What the optimizer changes, at the rates of iteration 0.
    var groups: [Optimizer.Group] { get }

    /// Fingerprints of the networks that the stage was made from, by the keys that name their files.
    ///
    /// A run is resumed with the same ones only.
    var sources: [String: String] { get }

    /// What was assumed on reading those networks, a sentence each, for people.
    var remarks: [String] { get }

    /// The rate of group `index` for the update that follows `iteration` earlier ones.
    func rate(ofGroup index: Int, at iteration: Int) -> Double

    /// Reads what the stage needs of the clips' files beside batches, before they are decoded for
    /// training.
    ///
    /// - Parameter sources: Finds the clips.
    func prepare(clips sources: () throws -> [ClipSource], environment: TrainingEnvironment) throws

    /// Computes beforehand what ``batch(_:isChannelsLast:)`` takes from whole clips.
    ///
    /// Called once, before the first batch.
    func prepare(_ source: any BatchSource, environment: TrainingEnvironment) throws

    /// A batch on the network's device.
    func batch(_ batch: TrainingBatch, isChannelsLast: Bool) throws -> ClipBatch

    /// The loss of a batch and its parts, a graph that reaches the groups' parameters.
    func loss(of batch: ClipBatch, at iteration: Int) throws -> StageLoss

    /// Figures for a line of the log.
    func figures(at iteration: Int) throws -> [String: Double]

    /// What the stage makes of the trained network: its result, and what is validated.
    func result(of trained: Model) throws -> Model

    /// What becomes of the result once training is over: the model that is written.
    func completed(_ result: Model, environment: TrainingEnvironment) throws -> Model

    /// What a checkpoint must hold besides weights and the optimizer's state.
    var extras: [String: String] { get throws }
    func restore(extras: [String: String]) throws

    /// Files of the stage's own, written into the run's folder beside the model.
    static var files: [String] { get }

    /// Writes the stage's own files once the model is written, and says what the run gave.
    func finish(_ model: Model, in run: FinishedRun) throws -> Outcome
}

extension TrainingStage {
    public init(_ configuration: Configuration, environment: TrainingEnvironment) throws {
        try self.init(configuration, device: environment.device)
    }

    public var sources: [String: String] { [:] }
    public var remarks: [String] { [] }
    public func figures(at iteration: Int) throws -> [String: Double] { [:] }
    public func prepare(
        clips sources: () throws -> [ClipSource], environment: TrainingEnvironment
    ) throws {}
    public func prepare(_ source: any BatchSource, environment: TrainingEnvironment) throws {}
    public func batch(_ batch: TrainingBatch, isChannelsLast: Bool) throws -> ClipBatch {
        try ClipBatch(batch, device: network.device, isChannelsLast: isChannelsLast)
    }
    public func result(of trained: Model) throws -> Model { trained }
    public func completed(_ result: Model, environment: TrainingEnvironment) throws -> Model {
        result
    }
    public var extras: [String: String] { [:] }
    public func restore(extras: [String: String]) throws {}
    public static var files: [String] { [] }
}

extension TrainingStage where Outcome == Model {
    public func finish(_ model: Model, in run: FinishedRun) throws -> Model { model }
}

/// A loss and what it consists of.
public struct StageLoss {
    /// A scalar.
    public var total: Tensor
    /// Scalars by name, for the log.
    public var parts: [String: Tensor]

    public init(total: Tensor, parts: [String: Tensor] = [:]) {
        self.total = total
        self.parts = parts
    }
}

/// A run whose model is written.
public struct FinishedRun {
    /// The run's folder.
    public let folder: String
    public let environment: TrainingEnvironment
    /// Low-resolution frames of the validation clips; none where there are no such clips.
    public let validationClips: [[Frame]]
}
