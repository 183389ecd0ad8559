import Testing
import VSRConfiguration
import VSRCore
import VSRModel
import VSRPruning
import VSRTestSupport

@testable import VSRTraining

/// Parts that lose shares of their own, in settings and in rounds.
@Suite struct PartRatioTests {
    private func parsed(
        _ yaml: String, _ overrides: [String] = []
    ) throws -> Compress.Configuration {
        try ConfigurationFile.parse(
            Compress.Configuration.self, yaml: "model: a\n" + yaml, name: "compress.yml",
            overrides: overrides)
    }

    @Test func partsAddUpFromFileAndCommandLine() throws {
        let settings = try parsed(
            "selection: {targetMacs: 0.5, partRatio: {upsampler: 0.5, forward: 0.125}}",
            ["selection.partRatio.forward=0.25", "selection.partRatio.backward=0"])
        #expect(
            settings.selection.partRatio == [
                .upsampler: 0.5, .branch(.forward): 0.25, .branch(.backward): 0,
            ])
        let yaml = try ConfigurationFile.yaml(of: settings)
        #expect(try ConfigurationFile.parse(yaml: yaml, name: "again") == settings)
        let plain = try ConfigurationFile.yaml(of: parsed(""))
        #expect(!plain.contains("partRatio") && !plain.contains("score"))
    }

    @Test func wrongPartsAreNamed() {
        for (yaml, message) in [
            ("selection: {partRatio: {upsampl: 0.5}}", "it is no part of a network"),
            ("selection: {partRatio: {upsampler: 2}}", "selection.partRatio is upsampler=2.0"),
            (
                "selection: {partRatio: {upsampler: 0.5}, exclude: [conv_hr]}",
                "left out for what exclude names, conv_hr"
            ),
        ] {
            let error = #expect(throws: VSRError.self) { try parsed(yaml) }
            #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
        }
    }

    /// Half of the upsampler's 12 units of two layers each of 4, a quarter of them after the first
    /// of two rounds; the rest loses 0.25 of 48.
    @Test(arguments: [1, 2])
    func roundsReachThePartsShareStepByStep(rounds: Int) throws {
        let folder = try TemporaryFolder()
        let path = folder.path("dense.safetensors")
        let blueprint = TinyRuns.blueprint(.bidirectional)
        try ModelFile.write(.initialized(blueprint, seed: 1), to: path)
        var settings = TinyRuns.compress(folder.path("run"), model: path)
        settings.selection.partRatio = [.upsampler: 0.5]
        settings.selection.ratio = 0.25
        settings.regularization.rounds = rounds
        let result = try Compress.run(
            settings, environment: TinyRuns.environment(), clips: TinyRuns.sources())
        guard case .free(let removal) = result.removal else { return }
        let upsampler = removal.removed.filter { $0.key.part == .upsampler }
            .reduce(0) { $0 + $1.value.count }
        #expect(upsampler == 4)
        #expect(removal.removedCount - upsampler == 12)
    }
}
