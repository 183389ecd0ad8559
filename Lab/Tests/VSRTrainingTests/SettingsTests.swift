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
            ("selection.ratio=2", "run.yml: selection.ratio is 2.0; it must be from 0 to 1"),
            ("selection.align=0", "run.yml: selection.align is 0; it must be from 1 to 1024"),
            ("data.patch=0", "run.yml: data.patch is 0; it must be from 1 to 4096"),
            ("data.stillShare=1.5", "run.yml: data.stillShare is 1.5; it must be from 0 to 1"),
            ("data.warmFrames=-1", "run.yml: data.warmFrames is -1; it must be from 0 to 1000"),
            (
                "validation.stillFrames=5",
                "run.yml: validation.stillFrames is 5; it must be 0, or from 20 to 10000"
            ),
            (
                "validation.stillFrames=100",
                "run.yml: validation.stillFrames is 100; it must be 0 where clips names no folder"
            ),
            ("run.logEvery=0", "run.yml: run.logEvery is 0; it must be positive"),
            ("validation.frames=0", "run.yml: validation.frames is 0; it must be positive"),
            (
                "optimizer.beta1=1",
                "run.yml: optimizer.beta1 is 1.0; it must be at least 0 and below 1"
            ),
            ("regularization.hold=-1", "run.yml: regularization.hold is -1; it must be at least 0"),
        ] {
            #expect(message(Compress.Configuration.self, "model=m", override) == expected)
        }
        #expect(
            message(Finetune.Configuration.self, "model=m", "temporal.weight=-1")
                == "run.yml: temporal.weight is -1.0; it must be at least 0")
        #expect(
            message(Finetune.Configuration.self, "model=m", "temporal.warmTeacher=false")
                == "run.yml: temporal.warmTeacher is false; it must be true where temporal.weight or "
                + "distillation.stateWeight is above 0, because states of as many frames are compared"
        )
        #expect(
            message(Finetune.Configuration.self)
                == "run.yml: model is \"\"; it must be a model file")
        #expect(
            message(Pretrain.Configuration.self, "iterations=0")
                == "run.yml: iterations is 0; it must be positive")
        #expect(
            message(Pretrain.Configuration.self, "network.width=0").hasPrefix(
                "run.yml: network.width is 0; it must be"))
        for (override, expected) in [
            ("network.scale=3", "network.scale is 3; it must be 2 or 4"),
            ("network.blocks=257", "network.blocks is 257; it must be from 0 to 256"),
            (
                "network.upsamplerWidth=1025",
                "network.upsamplerWidth is 1025; it must be from 0 to 1024"
            ),
            ("network.flowLevels=7", "network.flowLevels is 7; it must be 1...6"),
            (
                "network.flowReduction=2",
                "network.flowReduction is 2; it must be a power of two, at most 1 with 6 levels: "
                    + "each halving takes the place of one level"
            ),
            (
                "network.flowKernels=[7,7,7,7]",
                "network.flowWidths is 4 widths; it must be 3, one fewer than there are convolutions"
            ),
            (
                "network.flowKernels=[7,7,4,7,7]",
                "network.flowKernels is 4; it must be odd sizes from 1 to 15"
            ),
            ("network.activation=1.5", "network.activation is 1.5; it must be 0...1"),
            (
                "network.activation=silu",
                "network.activation cannot be \"silu\": an activation is leaky-relu, relu, or a "
                    + "slope from 0 to 1"
            ),
            ("data.degradation=BX", "data.degradation is BX; it must be one of BI, BD, BD-DUF"),
            ("data.sceneSize=large", "data.sceneSize is large; it must be such as 256x256"),
        ] {
            #expect(message(Pretrain.Configuration.self, override) == "run.yml: \(expected)")
        }
        // At the default rate of 2e-4 it takes 10,000 iterations; these are 5,001.
        #expect(
            message(Compress.Configuration.self, "model=m", "regularization.hold=1").hasPrefix(
                "run.yml: regularization.factorRate is 0.0002; it must be at least 6.0e-04, or a round longer"
            ))
        #expect(
            message(Pretrain.Configuration.self, "flow.rateFactor=-1")
                == "run.yml: flow.rateFactor is -1.0; it must be at least 0")
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

    @Test func aNameThatIsNoneIsRefusedWithThoseThereAre() {
        #expect(
            message(Compress.Configuration.self, "model=m", "selection.order=foo")
                == "run.yml: selection.order cannot be \"foo\": it must be one of min, max, random")
        #expect(
            message(
                Finetune.Configuration.self, "model=m", "distillation.loss=l3"
            ).hasSuffix("it must be one of charbonnier, squared"))
    }

    @Test func targetsAreCountsOrSharesOfWhatThereIs() throws {
        func target(_ override: String) throws -> PruningTarget? {
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
                == "run.yml: selection.ratio is 0.5; it must be left out where a target of "
                + "multiply-accumulates, parameters or time is given")
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
        #expect(found.hasPrefix("run.yml: \(key) is "), "\(found)")
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
