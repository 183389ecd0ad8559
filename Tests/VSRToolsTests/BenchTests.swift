import Foundation
import Testing
import VSRCore
import VSRTools

@Suite struct BenchTests {
    @Test(arguments: ["uni", "bi"])
    func everyFrameIsTimed(direction: String) throws {
        let folder = try TemporaryFolder()
        let model = try SmallClips.model(direction == "uni" ? .unidirectional : .bidirectional)
        try folder.write(model, "m.safetensors")
        let result = CommandLineHarness.run([
            "bench", folder.path("m.safetensors"), "--size", "24x16", "--frames", "4",
            "--warm-up", "1", "--threads", "1", "--json",
        ])
        #expect(result.code == 0, "\(result.remarks)")
        let outcome = try JSONDecoder().decode(
            Benchmark.Outcome.self, from: Data(result.output.utf8))
        #expect(outcome.frameSize == FrameSize(width: 24, height: 16))
        #expect(outcome.threads == 1)
        // A bidirectional network is timed by windows of all four frames.
        #expect(outcome.milliseconds.count == (direction == "uni" ? 4 : 1))
        #expect(outcome.milliseconds.minimum > 0)
        #expect(outcome.milliseconds.minimum <= outcome.milliseconds.median)
        #expect((outcome.residentBytes ?? 0) > 1_000_000)
    }

    @Test func spreadsAreQuantilesByLinearInterpolation() {
        // numpy.percentile([4, 1, 3, 2, 10], [25, 50, 75]) and of [1, 2, 3, 4].
        let odd = Spread([4, 1, 3, 2, 10])
        #expect(odd.lowerQuartile == 2 && odd.median == 3 && odd.upperQuartile == 4)
        #expect(odd.minimum == 1 && odd.maximum == 10 && odd.count == 5)
        let even = Spread([1, 2, 3, 4])
        #expect(even.lowerQuartile == 1.75 && even.median == 2.5 && even.upperQuartile == 3.25)
    }

    @Test(arguments: [
        [], ["no-such-model"], ["basicvsr", "--frames", "0"], ["basicvsr", "--threads", "0"],
        ["basicvsr", "--all-bundled"],
    ])
    func mistakesAreOneSentenceAndExitCodeOne(options: [String]) {
        let result = CommandLineHarness.run(["bench"] + options)
        #expect(result.code == 1 && result.remarks.count == 1 && result.output.isEmpty)
    }
}
