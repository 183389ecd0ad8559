import Testing
import VSRCore
import VSRModel
import VSRTestSupport

@testable import VSRCompensation

/// A small network, what it is calibrated on and its refitted weights, computed in double precision
/// by `scripts/reference/compensation.py`.
struct CompensationFixture: Decodable, CustomStringConvertible {
    struct Clip: Decodable {
        let count: Int
        let used: [Int]
        let isStill: Bool
    }

    let name: String
    let seed: UInt64
    let ridge: Double
    let width: Int
    let height: Int
    let clips: [Clip]
    let stillStep: Int
    let dense: Blueprint
    let slim: Blueprint
    let tensors: [String: FixtureValues]
    /// Of networks that are refitted after they were pruned: the units that are left.
    let kept: [UnitGroup: [Int]]?

    var description: String { name }

    static func all() throws -> [CompensationFixture] {
        try fixture("VSRCompensation/networks.json")
    }

    static func refitted() throws -> [CompensationFixture] {
        try fixture("VSRCompensation/refitted.json")
    }

    /// The dense network and the clips, drawn as the script draws them.
    func makeInputs() -> (model: Model, clips: [CalibrationClip]) {
        let (model, clips, _) = drawn()
        return (model, clips)
    }

    /// The slim network as it was before it is refitted; the flow network is the dense one's.
    func makeSlim() -> Model {
        let (dense, _, rest) = drawn()
        var random = rest
        var model = random.weights(slim)
        for layer in slim.flowLayers {
            for (key, _) in layer.tensors { model.tensors[key] = dense.tensors[key] }
        }
        return model
    }

    private func drawn() -> (Model, [CalibrationClip], SeededGenerator) {
        var random = SeededGenerator(seed: seed)
        let model = random.weights(dense)
        let size = FrameSize(width: width, height: height)
        let clips = clips.map { clip in
            CalibrationClip(
                frames: random.clip(size, count: clip.count), isStill: clip.isStill,
                used: Set(clip.used))
        }
        return (model, clips, random)
    }
}

@Suite struct CompensationFixtureTests {
    /// Solutions differ by the rounding of fp32 features, 1e-6, times the condition of the
    /// regularized Gram matrix: at most 1 / ridge times the ratio of its largest eigenvalue to its
    /// mean diagonal, some 20 here.
    @Test(arguments: try CompensationFixture.all(), [1, 3])
    func weightsAreThoseOfPlainLeastSquares(_ fixture: CompensationFixture, threads: Int) throws {
        let (model, clips) = fixture.makeInputs()
        var options = CompensationOptions()
        options.ridge = fixture.ridge
        options.stillStep = fixture.stillStep
        options.threads = threads
        let slim = try model.compensated(on: clips, options: options, to: fixture.slim)
        #expect(slim.blueprint == fixture.slim)
        try slim.validate()
        var compared = 0
        for (key, tensor) in slim.tensors {
            guard let expected = fixture.tensors[key.name] else {
                #expect(tensor == model.tensors[key], "\(key.name) is not refitted")
                continue
            }
            compared += 1
            #expect(tensor.shape == expected.shape, "\(key.name)")
            let error = relativeError(tensor.values, expected.floats)
            #expect(error < 1e-6 * 20 / fixture.ridge, "\(key.name): \(error)")
        }
        #expect(compared == fixture.tensors.count)
    }

    /// Any units, blocks without middle or inputs and dropped ones, an upsampler with empty layers.
    ///
    /// Where features have no spread, as those of a block without inputs, nothing but the ridge decides:
    /// the tolerance is the one above all the same.
    @Test(arguments: try CompensationFixture.refitted(), [1, 3])
    func givenUnitsAreRefittedByPlainLeastSquares(
        _ fixture: CompensationFixture, threads: Int
    ) throws {
        let (dense, clips) = fixture.makeInputs()
        let before = fixture.makeSlim()
        var options = CompensationOptions()
        options.ridge = fixture.ridge
        options.stillStep = fixture.stillStep
        options.threads = threads
        let slim = try before.refitted(
            to: dense, keeping: try #require(fixture.kept), on: clips, options: options)
        #expect(slim.blueprint == fixture.slim)
        try slim.validate()
        var compared = 0
        for (key, tensor) in slim.tensors {
            guard let expected = fixture.tensors[key.name] else {
                #expect(key.role.isFlow && tensor == dense.tensors[key], "\(key.name)")
                continue
            }
            compared += 1
            #expect(tensor.shape == expected.shape, "\(key.name)")
            guard !tensor.values.isEmpty else { continue }
            let error = relativeError(tensor.values, expected.floats)
            #expect(error < 1e-6 * 20 / fixture.ridge, "\(key.name): \(error)")
        }
        #expect(compared == fixture.tensors.count)
    }

    @Test func theSameEveryTime() throws {
        let fixture = try CompensationFixture.all()[0]
        let (model, clips) = fixture.makeInputs()
        var options = CompensationOptions()
        options.threads = 2
        let first = try model.compensated(on: clips, options: options, to: fixture.slim)
        let second = try model.compensated(on: clips, options: options, to: fixture.slim)
        #expect(first == second)
    }
}
