import Foundation
import Testing
import VSRCore
import VSRModel
import VSRPruning

@testable import VSRTools

/// Pruning to a time per frame on this machine; no test depends on what the machine takes.
@Suite struct LatencySearchTests {
    private static let blueprint = Blueprint(
        direction: .unidirectional, width: 8, blocks: 3, upsamplerWidth: 6, scale: 4,
        flow: .init(widths: [2, 2, 2, 2], levels: 2))

    private static let rates = LatencyModel(
        fixed: 10, blocks: .init([0, 0.1, 0.2, 0.1, 0.01, 0.01]), upsampler: [1, 1, 1, 1, 1, 1],
        stepsPerFrame: [:])

    /// A machine that takes longer than the model says, the more so the smaller the network.
    private static func time(_ blueprint: Blueprint) -> Double {
        10 + 3 * pow(rates.milliseconds(of: blueprint) - 10, 0.5)
    }

    private func search(
        _ milliseconds: Double, of blueprint: Blueprint = blueprint
    ) throws -> (LatencySearch.Outcome, tried: Int) {
        let model = try Model.initialized(blueprint, seed: 1)
        var tried = 0
        let outcome = try LatencySearch(milliseconds: milliseconds).outcome(
            of: blueprint, by: Self.rates, time: Self.time
        ) {
            tried += 1
            return try blueprint.pruned(
                by: PruningSelection(pruning: model, to: $0, options: .init()))
        }
        return (outcome, tried)
    }

    @Test func candidatesAreTimedUntilOneAgrees() throws {
        let before = Self.time(Self.blueprint)
        let (outcome, tried) = try search(before / 2)
        #expect(abs(outcome.measured / (before / 2) - 1) <= 0.02)
        #expect(tried > 1)
        #expect(outcome.before == before)
        // The target leads to the network that was timed.
        let model = try Model.initialized(Self.blueprint, seed: 1)
        let smaller = try Self.blueprint.pruned(
            by: PruningSelection(pruning: model, to: outcome.target, options: .init()))
        #expect(Self.time(smaller) == outcome.measured)
    }

    @Test func aNetworkThatIsFastEnoughStays() throws {
        let (outcome, tried) = try search(1e6)
        #expect(tried == 0)
        #expect(outcome.measured == outcome.before)
    }

    @Test func lessThanCannotBePrunedIsRefused() throws {
        let error = #expect(throws: VSRError.self) { try search(9.9) }
        #expect(error?.message.hasPrefix("9.9 ms are too few") == true)
        #expect(error?.message.contains("take 10.0 ms for a frame of 320x180") == true)
    }

    @Test func nonNegativeLeastSquaresFindsThePlantedRates() {
        let rates = [0.5, 0.02, 0, 0.3]
        var random = SeededGenerator(seed: 9)
        let rows = (0..<12).map { _ in (0..<4).map { _ in Double(random.integer(below: 64) + 1) } }
        let values = rows.map { zip($0, rates).reduce(0) { $0 + $1.0 * $1.1 } }
        let found = NonNegativeLeastSquares.solution(rows, values)
        for (a, b) in zip(found, rates) { #expect(abs(a - b) < 1e-6) }
        // x = −1 would be exact; 0 is the nearest that is allowed.
        #expect(NonNegativeLeastSquares.solution([[-1], [-2]], [1, 2]) == [0])
    }

    /// The probes tell all rates apart: those of a machine that takes its time as the model says are
    /// found again.
    @Test(arguments: [
        ([2, 1], 64, 64), ([2, 2, 1], 8, 6), ([2, 2, 1, 1], 64, 64), ([1, 2, 1, 2, 1, 1], 32, 32),
    ])
    func theProbesTellAllRatesApart(factors: [Int], width: Int, upsamplerWidth: Int) {
        var blueprint = Blueprint(
            direction: .unidirectional, width: width, blocks: 3, scale: factors.reduce(1, *),
            flow: .init(widths: [2, 2, 2, 2], levels: 2))
        blueprint.upsampler.convolutions = factors.enumerated().map { index, factor in
            .init(factor: factor, width: index == 0 ? width : upsamplerWidth)
        }
        let probes = LatencyProbe.all(for: blueprint)
        func expectFound(_ rows: [[Double]], _ rates: [Double]) {
            let times = rows.map { zip($0, rates).reduce(0) { $0 + $1.0 * $1.1 } }
            let found = NonNegativeLeastSquares.solution(rows, times)
            for (row, time) in zip(rows, times) {
                let predicted = zip(row, found).reduce(0) { $0 + $1.0 * $1.1 }
                #expect(abs(predicted / time - 1) < 1e-4)
            }
            for (a, b) in zip(found, rates) { #expect(abs(a - b) < 0.02 * b + 1e-6) }
        }
        expectFound(probes.map(\.blockTerms), [0.3, 0.02, 0.05, 0.03, 0.004, 0.005])
        let terms = probes.map(\.upsamplerTerms)
        expectFound(terms, (0..<terms[0].count).map { 0.5 / Double($0 + 1) })
    }

    /// Nothing here depends on how long the machine takes.
    @Test func networksOfThisMachineAreTimed() throws {
        var measurement = LatencyMeasurement()
        measurement.frameSize = FrameSize(width: 32, height: 24)
        measurement.threads = 1
        measurement.frames = 2
        let model = try measurement.model(of: Self.blueprint)
        #expect(model.upsampler.count == 6 && model.upsampler.allSatisfy { $0 >= 0 })
        #expect(model.fixed >= 0 && model.stepsPerFrame == [:])
        #expect(try measurement.milliseconds(of: Self.blueprint) > 0)
    }

    /// Windows of 16 frames and 8 more ahead.
    @Test func branchesFromTheFramesAheadTakeHalfAStepMore() {
        func steps(_ branches: [Blueprint.Branch]) -> [Blueprint.Branch: Double] {
            LatencyMeasurement().stepsPerFrame(
                of: Blueprint(direction: .init(branches), width: 2, blocks: 1))
        }
        #expect(steps([.backward, .forward]) == [.backward: 1.5])
        #expect(
            steps([.backward, .forward, .backward(2)]) == [.backward: 1.5, .backward(2): 1.5])
    }
}
