import Testing
import Torch
import VSRModel
import VSRTestSupport

/// A reference case written by scripts/reference/network_fixtures.py.
struct Fixture: Decodable {
    var blueprint: String?
    var parameters: [String: FixtureValues]?
    var factors: [String: FixtureValues]?
    var gradients: [String: FixtureValues]?
    var states: [String: FixtureValues]?
    var clip: FixtureValues?
    var weighting: FixtureValues?
    var output: FixtureValues?
    var reference: FixtureValues?
    var supporting: FixtureValues?
    var flow: FixtureValues?
    var feature: FixtureValues?
    var zeros: FixtureValues?
    var border: FixtureValues?

    static func read(_ name: String) throws -> Fixture {
        try fixture("VSRNetworksTests/\(name).json")
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

extension FixtureValues {
    func tensor() throws -> Tensor { try Tensor(floats, shape: shape) }
}

/// Runs `body` where LibTorch's work is done, on one core: the cases are tiny, and tests run beside
/// each other.
func onTorch(_ body: () throws -> Void) throws {
    try TorchThread.run {
        try setThreadCount(1)
        try body()
    }
}
