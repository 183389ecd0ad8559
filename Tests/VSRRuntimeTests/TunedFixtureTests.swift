import Testing
import VSRCore
import VSRTestSupport

@testable import VSRRuntime

@Suite struct TunedFixtureTests {
    /// The bound for whole networks, flows included.
    private static let tolerance = 1e-5

    @Test(arguments: try NetworkFixture.all())
    func theTunedExecutorAgreesWithAnIndependentNetwork(_ fixture: NetworkFixture) throws {
        let (model, clip) = fixture.makeInputs()
        let frames = try Upscaler(model: model).upscale(clip: clip)
        let error = relativeError(frames.flatMap(\.samples), fixture.values("frames"))
        #expect(error <= Self.tolerance, "relative error \(error)")
    }
}
