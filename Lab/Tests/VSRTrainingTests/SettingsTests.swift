import Foundation
import Testing
import VSRConfiguration
import VSRCore
import VSRModel
import VSRPruning

@testable import VSRTraining

@Suite struct SettingsTests {
    private func message<Settings: Configuration>(
        _ type: Settings.Type, _ overrides: String...
    ) -> String {
        do {
            _ = try ConfigurationFile.parse(
                type, yaml: "", name: "run.yml", overrides: overrides)
            return "no error"
        } catch {
            return (error as? VSRError)?.message ?? "\(error)"
        }
    }

    @Test func errorsNameTheFullKey() {
        for (override, expected) in [
            ("selection.ratio=2", "run.yml: selection.ratio must be in 0...1, not 2.0"),
            ("selection.align=0", "run.yml: selection.align must be in 1...1024, not 0"),
            ("data.patch=0", "run.yml: data.patch must be in 1...4096, not 0"),
            ("run.logEvery=0", "run.yml: run.logEvery must be positive, not 0"),
            ("validation.frames=0", "run.yml: validation.frames must be positive, not 0"),
            ("optimizer.beta1=1", "run.yml: optimizer.beta1 must be in 0..<1, not 1.0"),
            ("regularization.hold=-1", "run.yml: regularization.hold must be at least 0, not -1"),
        ] {
            #expect(message(Compress.Configuration.self, "model=m", override) == expected)
        }
        #expect(
            message(Finetune.Configuration.self, "model=m", "temporal.weight=-1")
                == "run.yml: temporal.weight must be at least 0, not -1.0")
        #expect(
            message(Finetune.Configuration.self)
                == "run.yml: model must be a model file, not \"\"")
        #expect(
            message(Pretrain.Configuration.self, "iterations=0")
                == "run.yml: iterations must be positive, not 0")
        #expect(
            message(Pretrain.Configuration.self, "network.width=0").hasPrefix(
                "run.yml: network.width must be"))
        for (override, expected) in [
            ("network.scale=3", "network.scale must be 2 or 4, not 3"),
            ("network.blocks=257", "network.blocks must be in 0...256, not 257"),
            ("network.upsamplerWidth=1025", "network.upsamplerWidth must be in 0...1024, not 1025"),
            ("network.flowLevels=7", "network.flowLevels must be 1...6, not 7"),
            (
                "network.flowKernels=[7,7,7,7]",
                "network.flowWidths must be 3, one fewer than there are convolutions, not 4 widths"
            ),
            (
                "network.flowKernels=[7,7,4,7,7]",
                "network.flowKernels must be odd sizes in 1...15, not 4"
            ),
            ("network.activation=1.5", "network.activation must be 0...1, not 1.5"),
            (
                "network.activation=silu",
                "network.activation cannot be \"silu\": an activation is leaky-relu, relu, or a "
                    + "slope from 0 to 1"
            ),
            ("data.degradation=BX", "data.degradation must be one of BI, BD, BD-DUF, not BX"),
            ("data.sceneSize=large", "data.sceneSize must be such as 256x256, not large"),
        ] {
            #expect(message(Pretrain.Configuration.self, override) == "run.yml: \(expected)")
        }
        // At the default rate of 2e-4 it takes 10,000 iterations; these are 5,001.
        #expect(
            message(Compress.Configuration.self, "model=m", "regularization.hold=1").hasPrefix(
                "run.yml: regularization.factorRate must be at least 6.0e-04, or the run longer"))
        #expect(
            message(Pretrain.Configuration.self, "flow.rateFactor=-1")
                == "run.yml: flow.rateFactor must be at least 0, not -1.0")
    }

    @Test func activationsAreNamesOrSlopes() throws {
        for (text, expected) in [
            ("relu", Activation.relu), ("leaky-relu", .basicVSR), ("0.1", .basicVSR),
            ("0.25", .leakyReLU(negativeSlope: 0.25)), ("1", .leakyReLU(negativeSlope: 1)),
        ] {
            let settings = try ConfigurationFile.parse(
                Pretrain.Configuration.self, yaml: "", name: "run.yml",
                overrides: ["network.activation=\(text)"])
            #expect(settings.network.blueprint.activation == expected)
            // As checkpoints hold it.
            let yaml = try ConfigurationFile.yaml(of: settings)
            #expect(try Pretrain.Configuration.stored(yaml) == settings)
        }
        let before = try Pretrain.Configuration.stored("network:\n  width: 4\n")
        #expect(before.network.activation == .basicVSR)
    }

    @Test func targetsAreCountsOrSharesOfWhatThereIs() throws {
        func target(_ override: String) throws -> PruningTarget {
            try ConfigurationFile.parse(
                Compress.Configuration.self, yaml: "model: m", name: "run.yml",
                overrides: [override]
            ).selection.target
        }
        #expect(try target("selection.ratio=0.25") == .ratio(0.25))
        #expect(try target("selection.targetMacs=0.5") == .macsFraction(0.5))
        #expect(try target("selection.targetMacs=90G") == .macs(90_000_000_000))
        #expect(try target("selection.targetMacs=9e10") == .macs(90_000_000_000))
        #expect(try target("selection.targetParameters=260000") == .parameters(260_000))
        #expect(try target("selection.targetParameters=0.3") == .parametersFraction(0.3))
        let found = message(
            Compress.Configuration.self, "model=m", "selection.targetMacs=many")
        #expect(found.hasPrefix("run.yml: selection.targetMacs cannot be \"many\": "))
        #expect(found.contains("90G"))
        let both = message(
            Compress.Configuration.self, "model=m", "selection.ratio=0.5",
            "selection.targetMacs=0.5")
        #expect(
            both
                == "run.yml: selection.ratio must be left out where a target of "
                + "multiply-accumulates or parameters is given, not 0.5")
    }

    @Test func everyPruningOptionIsAKey() throws {
        let yaml = """
            model: m
            selection:
              structure: free
              scope: local
              order: random
              norm: sum
              align: 4
              allowEmpty: true
              exclude: [upsampler]
              seed: 7
              size: 160x90
            """
        let settings = try ConfigurationFile.parse(
            Compress.Configuration.self, yaml: yaml, name: "run.yml")
        #expect(
            settings.selection.options
                == PruningOptions(
                    structure: .free, scope: .local, order: .random, norm: .sum, seed: 7,
                    alignment: 4, allowsEmptyLayers: true, excluded: [.upsampler],
                    frameSize: FrameSize(width: 160, height: 90)))
        let written = try ConfigurationFile.yaml(of: settings)
        #expect(
            try ConfigurationFile.parse(
                Compress.Configuration.self, yaml: written, name: "again") == settings)
    }

    @Test(arguments: [
        ("scope=local", "selection.scope"), ("order=max", "selection.order"),
        ("align=2", "selection.align"), ("seed=1", "selection.seed"),
        ("allowEmpty=true", "selection.allowEmpty"), ("exclude=[forward]", "selection.exclude"),
    ])
    func whatAnAlignedStructureHasNoUseForIsRefused(option: String, key: String) {
        let found = message(
            Compress.Configuration.self, "model=m", "selection.structure=aligned",
            "selection.\(option)")
        #expect(found.hasPrefix("run.yml: \(key) must be"), "\(found)")
        #expect(found.contains("aligned structure"))
    }

    /// As an earlier version wrote it into its checkpoints.
    @Test func olderSelectionsAreReadAlike() throws {
        let yaml = """
            model: m
            selection:
              ratio: 0.5
              targetMacs: 0.5
              targetParameters: null
              scope: "local"
              order: "min"
              norm: "mean"
              align: 1
              seed: 0
            """
        var expected = Compress.Configuration()
        expected.model = "elsewhere"
        expected.output = "other"
        expected.selection.targetMacs = .share(0.5)
        expected.selection.scope = .local
        #expect(try Compress.Configuration.stored(yaml).identity == expected.identity)
        // The default ratio, which they wrote out where there was no target.
        expected.selection.targetMacs = nil
        let byRatio = yaml.replacingOccurrences(of: "targetMacs: 0.5", with: "targetMacs: null")
        #expect(try Compress.Configuration.stored(byRatio).identity == expected.identity)
    }
}
