import Foundation
import Testing
import Torch
import VSRModel

/// A reference case written by scripts/reference/network_fixtures.py.
struct Fixture: Decodable {
    struct Values: Decodable {
        var shape: [Int]
        var data: Data

        var floats: [Float] {
            data.withUnsafeBytes { bytes in
                (0..<bytes.count / 4).map {
                    Float(
                        bitPattern: UInt32(
                            littleEndian: bytes.loadUnaligned(
                                fromByteOffset: 4 * $0, as: UInt32.self)))
                }
            }
        }

        var modelTensor: ModelTensor { ModelTensor(shape: shape, values: floats) }

        func tensor() throws -> Tensor { try Tensor(floats, shape: shape) }
    }

    var blueprint: String?
    var parameters: [String: Values]?
    var factors: [String: Values]?
    var gradients: [String: Values]?
    var states: [String: Values]?
    var clip: Values?
    var weighting: Values?
    var output: Values?
    var reference: Values?
    var supporting: Values?
    var flow: Values?
    var feature: Values?
    var zeros: Values?
    var border: Values?

    static func read(_ name: String) throws -> Fixture {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Fixtures/VSRNetworksTests")
        let data = try Data(contentsOf: folder.appendingPathComponent("\(name).json"))
        return try JSONDecoder().decode(Fixture.self, from: data)
    }

    /// The case's network; a case of the flow network alone gets zeros elsewhere.
    func model() throws -> Model {
        let blueprint = try Blueprint(json: blueprint ?? "")
        var tensors: [TensorKey: ModelTensor] = [:]
        for (name, values) in parameters ?? [:] {
            tensors[try #require(TensorKey(name: name))] = values.modelTensor
        }
        for layer in blueprint.layers {
            for (key, shape) in layer.tensors where tensors[key] == nil {
                tensors[key] = ModelTensor(shape: shape)
            }
        }
        return Model(blueprint: blueprint, tensors: tensors)
    }
}

/// Runs `body` where LibTorch's work is done, on one core: the cases are tiny, and tests run beside
/// each other.
func onTorch(_ body: () throws -> Void) throws {
    try TorchThread.run {
        try setThreadCount(1)
        try body()
    }
}
