import Testing
import Torch
import VSRModel
import VSRTestSupport

@testable import VSRNetworks

@Suite struct WarmStatesTests {
    /// The middle of a clip, its states warmed up on the rest, has the states that an independent
    /// network in double precision has there, which ran over the whole clip
    /// (scripts/reference/network_fixtures.py).
    @Test(arguments: [
        "uni-x4-dense", "uni-x2-factors", "bi-x4-factors", "bi-x2-dense", "bi-x4-pruned",
    ])
    func warmStatesAreThoseOfTheLongerClip(name: String) throws {
        try onTorch {
            let fixture = try Fixture.read(name)
            let network = try BasicVSR(
                try fixture.model(), hasFactors: !(fixture.factors ?? [:]).isEmpty)
            for (name, values) in fixture.factors ?? [:] {
                let group = try #require(UnitGroup(name))
                try #require(network.factors[group]).assign(values.tensor())
            }
            let assembled = try network.assembled()
            let clip = try #require(fixture.clip).tensor()
            let count = clip.shape[1]
            #expect(count >= 3)
            // All ways to cut the clip in three, with frames on both sides, one, or none.
            for start in 0..<count {
                for end in start + 1...count {
                    let middle = try clip.sliced(start..<end, along: 1)
                    let around = FrameSurroundings(
                        before: start > 0 ? try clip.sliced(0..<start, along: 1) : nil,
                        after: end < count ? try clip.sliced(end..<count, along: 1) : nil)
                    let states = try assembled.hiddenStates(
                        of: middle, from: assembled.warmStates(around: middle, around))
                    for branch in network.blueprint.branches {
                        let found = try Tensor.stacked(
                            try #require(states[branch]), along: 1)
                        let expected = try #require(fixture.states?[branch.rawValue]).tensor()
                            .sliced(start..<end, along: 1)
                        let error = try relativeError(found.floats(), expected.floats())
                        #expect(error <= 1e-5, "\(branch) \(start)..<\(end): \(error)")
                    }
                }
            }
        }
    }

    /// Single frames go over into the frame that the whole clip has there, upscaled.
    @Test func aFrameIsUpscaledFromItsStates() throws {
        try onTorch {
            let fixture = try Fixture.read("bi-x2-dense")
            let assembled = try BasicVSR(try fixture.model()).assembled()
            let clip = try #require(fixture.clip).tensor().sliced(0..<1, along: 0)
            let states = try assembled.hiddenStates(of: clip)
            let expected = try #require(fixture.output).tensor()
            for index in 0..<clip.shape[1] {
                let frame = try assembled.frame(
                    index, of: clip, states: states, isChannelsLast: false)
                let whole = try expected.selected(0, along: 0).selected(index, along: 0).floats()
                #expect(relativeError(frame.samples, whole) <= 1e-5)
            }
        }
    }
}
