import Foundation
import Testing
import VSRCore
import VSRModel
import VSRRuntime
import VSRTestSupport

@testable import VSRTools

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
        // A bidirectional network is timed by whole windows.
        #expect(outcome.milliseconds.count == (direction == "uni" ? 4 : 1))
        #expect(outcome.window?.length == (direction == "uni" ? nil : 16))
        #expect(try #require(outcome.startUp.read) > 0)
        #expect(outcome.startUp.pack > 0 && outcome.startUp.firstFrame > 0)
        #expect(outcome.milliseconds.minimum > 0)
        #expect(outcome.milliseconds.minimum <= outcome.milliseconds.median)
        #expect((outcome.residentBytes ?? 0) > 1_000_000)
    }

    /// Steps of a long clip: every frame has a flow and a warp, whatever came before it.
    @Test(arguments: [Blueprint.Direction.unidirectional, .bidirectional])
    func stepsAreThoseOfALongClip(direction: Blueprint.Direction) throws {
        var options = UpscalerOptions()
        options.threads = 1
        options.isProfiled = true
        let upscaler = try Upscaler(model: try SmallClips.model(direction), options: options)
        let scene = MovingPattern(size: FrameSize(width: 16, height: 16))
        let clip = LongClip(upscaler, scene, direction)
        try clip.step(clip.nextFrames())
        for _ in 0..<2 {
            upscaler.resetProfile()
            let input = clip.nextFrames()
            #expect(input.count == clip.stepLength && clip.window?.lookAhead ?? 8 == 8)
            try clip.step(input)
            #expect(upscaler.readyFrames == 0)
            let calls = Dictionary(
                uniqueKeysWithValues: upscaler.profile.map { ($0.name, $0.calls) })
            #expect(calls["upsampler"] == input.count)
            // One for every propagation: 16 forward and 16 + 8 backward in a window.
            #expect(calls["warp"] == (direction == .unidirectional ? 1 : 40))
            // Flows between neighbors, each computed once: as many as new frames, per direction.
            let flows = try #require(calls["spynet.basic_module.0.basic_module.0"])
            #expect(flows == (direction == .unidirectional ? 1 : 32))
        }
    }

    @Test func instructionSetsRestrictTheKernels() throws {
        let baseline = InstructionSets.knownNames[0]
        func run(_ names: String) -> ProgramResult {
            CommandLineHarness.run([
                "bench", "basicvsr-uni-lite", "--size", "16x16", "--frames", "1", "--warm-up", "0",
                "--json", "--instruction-sets", names,
            ])
        }
        let outcome = try JSONDecoder().decode(
            Benchmark.Outcome.self, from: Data(run(baseline).output.utf8))
        #expect(outcome.instructionSet == baseline && outcome.precision == "fp32")
        #expect(outcome.startUp.read == nil)
        let unknown = run("sse9")
        #expect(unknown.code == 1 && unknown.remarks.count == 1)
        #expect(unknown.remarks.first?.contains("known ones are \(baseline), avx2") == true)
    }

    @Test func oneThreadIsSingular() {
        let result = CommandLineHarness.run([
            "bench", "basicvsr-uni-lite", "--size", "16x16", "--frames", "1", "--threads", "1",
        ])
        #expect(result.code == 0 && result.output.contains(", 1 thread, "))
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
    func mistakesAreOneSentence(options: [String]) {
        let result = CommandLineHarness.run(["bench"] + options)
        #expect(result.isMistake && result.remarks.count == 1 && result.output.isEmpty)
    }
}
