import Testing
import VSRCore
import VSRModel
import VSRTestSupport

@testable import VSRRuntime

@Suite struct ReferenceNetworkTests {
    @Test(arguments: try NetworkFixture.all())
    func agreesWithAnIndependentNetwork(_ fixture: NetworkFixture) throws {
        let (model, clip) = fixture.makeInputs()
        let result = try ReferenceNetwork(model).run(clip)
        // float32 storage between some twenty layers of sums in double: a few 1e-7 each.
        let tolerance = 1e-5
        let found: [String: [Float]] = [
            "frames": result.frames.flatMap(\.samples),
            "forward": result.states[.forward, default: []].flatMap(\.samples),
            "backward": result.states[.backward, default: []].flatMap(\.samples),
            "forwardFlows": result.flows[.forward, default: []].flatMap(\.samples),
            "backwardFlows": result.flows[.backward, default: []].flatMap(\.samples),
        ]
        for (key, values) in found {
            let error = relativeError(values, fixture.values(key))
            #expect(error <= tolerance, "\(key): relative error \(error)")
        }
    }

    @Test func givenFlowsTakeTheFlowNetworksPlace() throws {
        let fixture = try #require(try NetworkFixture.all().first)
        let (model, clip) = fixture.makeInputs()
        let network = try ReferenceNetwork(model)
        let still = FeatureMap(channels: 2, size: clip[0].size)
        let flows: ReferenceNetwork.ClipFlows = [
            .forward: Array(repeating: still, count: clip.count - 1)
        ]
        let found = try network.run(clip, flows: flows)
        let first = try network.hiddenState(.forward, frame: clip[0], previous: nil, flow: nil)
        let second = try network.hiddenState(.forward, frame: clip[1], previous: first, flow: still)
        #expect(found.states[.forward]?[1] == second)
        #expect(found.states[.forward]?[1] != (try network.run(clip)).states[.forward]?[1])
    }

    @Test func keptIndicesBeyondTheWidthAreRefused() throws {
        let fixture = try #require(try NetworkFixture.all().first)
        var (model, _) = fixture.makeInputs()
        model.blueprint.forward[0].keptOutputs[3] = 4
        let error = #expect(throws: VSRError.self) { try ReferenceNetwork(model) }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains("forward[0]") == true)
    }

    @Test func aMissingTensorIsNamed() throws {
        let fixture = try #require(try NetworkFixture.all().first)
        var (model, _) = fixture.makeInputs()
        model.tensors[.bias(.output)] = nil
        let error = #expect(throws: VSRError.self) { try ReferenceNetwork(model) }
        #expect(error?.message.contains("conv_last.bias") == true)
    }

    @Test func framesOfDifferentSizesAreRefused() throws {
        let fixture = try #require(try NetworkFixture.all().first)
        let (model, clip) = fixture.makeInputs()
        let other = Frame(size: FrameSize(width: 4, height: 4))
        let error = #expect(throws: VSRError.self) {
            try ReferenceNetwork(model).run([clip[0], other])
        }
        #expect(error?.code == .shapeMismatch)
    }
}
