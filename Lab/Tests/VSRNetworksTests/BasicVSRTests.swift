import Foundation
import Testing
import Torch
import VSRModel
import VSRTestSupport

@testable import VSRNetworks

/// Rounding of single precision through some dozens of layers stays below this.
private let tolerance = 1e-5

@Suite struct BasicVSRTests {
    static let cases = [
        "uni-x4-dense", "uni-x2-factors", "bi-x4-factors", "bi-x2-dense", "bi-x4-pruned",
        "uni-x2-pruned", "uni-x4-pruned-empty", "uni-x4-one-pixel",
    ]

    @Test(arguments: cases)
    func outputAndHiddenStatesEqualTheReference(name: String) throws {
        try onTorch {
            let fixture = try Fixture.read(name)
            let network = try network(fixture)
            let output = try network.assembled()(fixture.clip?.tensor() ?? Tensor.zeros([0]))
            let expected = try #require(fixture.output)
            #expect(output.frames.shape == expected.shape)
            #expect(try relativeError(output.frames.floats(), expected.floats) <= tolerance)
            for branch in network.blueprint.branches {
                let states = try Tensor.stacked(try #require(output.hidden[branch]), along: 1)
                let expected = try #require(fixture.states?[branch.rawValue])
                #expect(states.shape == expected.shape)
                #expect(try relativeError(states.floats(), expected.floats) <= tolerance)
            }
        }
    }

    @Test(arguments: cases)
    func gradientsEqualTheReference(name: String) throws {
        try onTorch {
            let fixture = try Fixture.read(name)
            let network = try network(fixture)
            let output = try network.assembled()(fixture.clip?.tensor() ?? Tensor.zeros([0]))
            let weighting = try #require(fixture.weighting).tensor()
            try (output.frames * weighting).sum().backward()
            var tensors = Dictionary(
                network.namedParameters.map { ($0.name, $0.tensor) },
                uniquingKeysWith: { first, _ in first })
            for (layer, factor) in network.factors { tensors["factor.\(layer)"] = factor }
            let expected = try #require(fixture.gradients).filter { !$0.value.shape.contains(0) }
            #expect(Set(expected.keys) == Set(tensors.keys))
            for (name, values) in expected {
                let gradient = try tensors[name]?.gradient?.floats()
                let found = gradient ?? Array(repeating: 0, count: values.floats.count)
                let error = relativeError(found, values.floats)
                #expect(error <= tolerance, "\(name): \(error)")
            }
        }
    }

    private func network(_ fixture: Fixture) throws -> BasicVSR {
        let hasFactors = !(fixture.factors ?? [:]).isEmpty
        let network = try BasicVSR(try fixture.model(), hasFactors: hasFactors)
        for (name, values) in fixture.factors ?? [:] {
            let layer = try #require(UnitGroup(name))
            try #require(network.factors[layer]).assign(values.tensor())
        }
        return network
    }
}
