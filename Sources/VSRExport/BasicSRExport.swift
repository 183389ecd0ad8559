import Foundation
import VSRCore
import VSRModel

/// Writes dense networks as PyTorch checkpoints by BasicSR's tensor names.
public struct BasicSRExport: Sendable {
    /// How weights are stored; BasicSR computes with 32 bits either way.
    public var storage = WeightStorage.float32

    public init() {}

    /// The keys that BasicSR looks for, of the same tensors: some of its settings name one, some the
    /// other.
    static let keys = ["params", "params_ema"]

    /// The normalization of SPyNet, which BasicSR stores beside the weights.
    private static let constants: [(name: String, values: [Float])] = [
        ("spynet.mean", [0.485, 0.456, 0.406]), ("spynet.std", [0.229, 0.224, 0.225]),
    ]

    /// Writes a network; the file appears whole or not at all.
    ///
    /// - Returns: What BasicSR's own class differs in, a sentence each.
    /// - Throws: `unsupported` for what such a checkpoint cannot say, pruned networks above all;
    ///   `invalidArgument` for weights that half precision cannot hold; `io`.
    @discardableResult
    public func write(_ model: Model, to path: String) throws -> [String] {
        try model.validate()
        try Self.checkIsExpressible(model.blueprint, path)
        var zip = StoredZip()
        var tensors: [(name: String, tensor: ModelTensor, storage: WeightStorage)] = []
        for layer in model.blueprint.layers {
            for (key, shape) in layer.tensors {
                tensors.append((key.name, try model.tensor(key, shape: shape), storage))
            }
        }
        tensors += Self.constants.map {
            ($0.name, ModelTensor(shape: [1, Frame.channels, 1, 1], values: $0.values), .float32)
        }
        let pairs = tensors.enumerated().map { index, entry in
            let tensor = PickleWriter.Tensor(
                storage: "\(index)", type: Self.storageClass(entry.storage),
                shape: entry.tensor.shape)
            return (key: entry.name, value: PickleWriter.Value.tensor(tensor))
        }
        var content = Self.keys.map { (key: $0, value: PickleWriter.Value.dictionary(pairs)) }
        let metadata = model.metadata.sorted { $0.key < $1.key }
        if !metadata.isEmpty {
            content.append(
                ("metadata", .dictionary(metadata.map { (key: $0.key, value: .text($0.value)) })))
        }
        zip.append("archive/data.pkl", Data(PickleWriter.pickle(.dictionary(content))))
        zip.append("archive/byteorder", Data("little".utf8))
        for (index, entry) in tensors.enumerated() {
            zip.append("archive/data/\(index)", try Self.data(of: entry))
        }
        zip.append("archive/version", Data("3\n".utf8))
        try AtomicFile.write(try zip.finished(for: path), to: path)
        return Self.differences(of: model.blueprint)
    }

    private static func storageClass(_ storage: WeightStorage) -> String {
        switch storage {
        case .float32: "FloatStorage"
        case .float16: "HalfStorage"
        }
    }

    private static func data(
        of entry: (name: String, tensor: ModelTensor, storage: WeightStorage)
    ) throws -> Data {
        Data(try entry.tensor.bytes(as: entry.storage, name: entry.name))
    }
}

extension BasicSRExport {
    /// Checks that the shapes of a checkpoint's tensors say all of a network but its activation.
    private static func checkIsExpressible(_ blueprint: Blueprint, _ path: String) throws {
        func refuse(_ reason: String) -> VSRError {
            VSRError(
                .unsupported,
                "a checkpoint such as \(path) cannot hold this network: \(reason); export it as an "
                    + ".onnx file")
        }
        let dense = Blueprint.ResidualBlock(width: blueprint.width)
        for branch in blueprint.branches where blueprint[branch].contains(where: { $0 != dense }) {
            throw refuse(
                "it is pruned, and BasicSR has no blocks whose convolutions see some of the "
                    + "channels only")
        }
        let factors = blueprint.upsampler.convolutions.map(\.factor)
        guard factors == (blueprint.scale == 4 ? [2, 2, 1] : [2, 1]) else {
            throw refuse("BasicSR shuffles by 2 at each step and refines once")
        }
        guard blueprint.upsampler == upsampler(like: blueprint) else {
            throw refuse("its upsampler is pruned, where BasicSR's layers are all of one width")
        }
        guard [.unidirectional, .bidirectional].contains(blueprint.direction) else {
            throw refuse("BasicSR has no branches \(blueprint.direction)")
        }
        guard blueprint.flow.reduction == 1 else {
            throw refuse("it finds motion in reduced frames, and BasicSR in whole ones")
        }
    }

    /// BasicSR's upsampler with the width of this one's last layer.
    private static func upsampler(like blueprint: Blueprint) -> Blueprint.Upsampler {
        Blueprint.Upsampler(
            inputWidth: blueprint.width, width: blueprint.upsampler.convolutions.last?.width ?? 0,
            scale: blueprint.scale)
    }

    /// What keeps BasicSR's own class `BasicVSR` from taking the tensors, or computing the same.
    private static func differences(of blueprint: Blueprint) -> [String] {
        var differences: [String] = []
        if blueprint.direction != .bidirectional { differences.append("is bidirectional") }
        if blueprint.scale != 4 { differences.append("upscales by 4") }
        if Set(blueprint.branches.map { blueprint[$0].count }).count > 1 {
            differences.append("has as many blocks backward as forward")
        }
        if blueprint.upsampler.convolutions.last?.width != 64 {
            differences.append("has 64 channels in upconv2, conv_hr and conv_last")
        }
        if blueprint.flow != .full { differences.append("has SPyNet's published widths") }
        if blueprint.activation != .basicVSR {
            differences.append(
                "has \(Activation.basicVSR), where this network has \(blueprint.activation)")
        }
        guard !differences.isEmpty else { return [] }
        return [
            "BasicSR's own BasicVSR does not take this network as it is: that class "
                + differences.joined(separator: ", ") + "; change its code accordingly"
        ]
    }
}
