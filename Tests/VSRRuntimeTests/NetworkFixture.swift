import VSRCore
import VSRModel
import VSRTestSupport

@testable import VSRRuntime

/// A small network with its outputs, computed in double precision by
/// `scripts/reference/runtime_networks.py`.
struct NetworkFixture: Decodable, CustomStringConvertible {
    let name: String
    let seed: UInt64
    let width: Int
    let height: Int
    let count: Int
    let blueprint: Blueprint
    /// `[frames, C, H, W]`: `frames`, `forward`, `backward` (hidden states), `forwardFlows`,
    /// `backwardFlows`.
    let expected: [String: FixtureValues]

    var description: String { name }

    static func all() throws -> [NetworkFixture] {
        try fixture("VSRRuntime/networks.json")
    }

    /// The weights and the clip, drawn as the script draws them.
    func makeInputs() -> (model: Model, clip: [Frame]) {
        var random = SeededGenerator(seed: seed)
        let model = random.weights(blueprint)
        let size = FrameSize(width: width, height: height)
        return (model, random.clip(size, count: count))
    }

    /// The expected values under `key`, all frames one after another.
    func values(_ key: String) -> [Float] { expected[key]?.floats ?? [] }
}
