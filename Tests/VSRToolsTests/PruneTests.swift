import Foundation
import Testing
import VSRCore
import VSRModel
import VSRPruning
import VSRRuntime
import VSRTestSupport
import VSRTools

@testable import slimvsr

@Suite struct PruneTests {
    private func pruned(
        _ options: [String], of model: Model? = nil
    ) throws -> (ProgramResult, Model?) {
        let folder = try TemporaryFolder()
        try folder.write(try model ?? SmallClips.model(), "dense.safetensors")
        let result = CommandLineHarness.run(
            [
                "prune", folder.path("dense.safetensors"), "--output",
                folder.path("slim.safetensors"),
            ]
                + options)
        let exists = folder.contents.contains("slim.safetensors")
        return (result, exists ? try ModelFile.read(folder.path("slim.safetensors")) : nil)
    }

    /// 2 blocks of 3 · 6 units and 3 · 6 of the upsampler: 54 units.
    @Test func theRatioIsTheShareOfUnitsRemoved() throws {
        let (result, model) = try pruned(["--ratio", "0.5"])
        #expect(result.code == 0)
        #expect(result.output.contains("removed 27 of 54 units"))
        #expect(model?.blueprint.unitCount == 27)
        #expect(model?.metadata[MetadataKey.history]?.contains("ratio 0.5") == true)
    }

    @Test func targetsAreMet() throws {
        let dense = try SmallClips.model().blueprint.costs()
        let byMACs = try pruned(["--target-macs", "0.5"]).1
        #expect(try #require(byMACs).blueprint.costs().macs <= dense.macs / 2)
        let count = dense.macs / 3
        let byCount = try pruned(["--target-macs", "\(count)"]).1
        #expect(try #require(byCount).blueprint.costs().macs <= count)
        let byParameters = try pruned(["--target-params", "0.5", "--criterion", "random"]).1
        #expect(
            try #require(byParameters).blueprint.costs().parameters <= dense.parameters / 2)
    }

    @Test func flowOfReducedFramesNeedsNoTarget() throws {
        var dense = try SmallClips.model()
        dense.metadata[MetadataKey.history] = "trained"
        let levels = dense.blueprint.flow.levels
        let (alone, model) = try pruned(["--flow-reduction", "2"], of: dense)
        #expect(alone.code == 0, "\(alone.remarks)")
        let reduced = try #require(model)
        #expect(reduced.blueprint.flow.levels == levels - 1)
        #expect(reduced.blueprint.flow.reduction == 2)
        #expect(reduced.tensors == (try dense.reducingFlow(by: 2).tensors))
        #expect(
            reduced.metadata[MetadataKey.history]
                == "trained; flow found in frames reduced by 2, without training")
        // Beside a target both happen.
        let (both, smaller) = try pruned(["--flow-reduction", "2", "--ratio", "0.5"], of: dense)
        #expect(both.code == 0)
        #expect(smaller?.blueprint.flow == reduced.blueprint.flow)
        #expect(smaller?.blueprint.unitCount == 27)
        // Units that go for another reason are told, too.
        let aligned = try pruned(["--flow-reduction", "2", "--align", "4"], of: dense).1
        #expect(try #require(aligned).blueprint.unitCount < dense.blueprint.unitCount)
        #expect(aligned?.metadata[MetadataKey.history]?.contains("pruned in one shot") == true)
        let compensated = try pruned(["--flow-reduction", "2", "--compensate", "."], of: dense)
        #expect(compensated.0.code != 0 && compensated.1 == nil)
        #expect(compensated.0.errors.contains { $0.contains("--compensate goes with a target") })
        let (refused, nothing) = try pruned(["--flow-reduction", "3"], of: dense)
        #expect(refused.code != 0 && nothing == nil)
        #expect(refused.errors.contains { $0.contains("by a power of two") })
    }

    @Test func earlierSpellingsMeanTheSame() throws {
        let byOld = try pruned(["--target-params", "0.5", "--criterion", "random"]).1
        let byNew = try pruned(["--target-parameters", "0.5", "--order", "random"]).1
        #expect(try #require(byOld) == #require(byNew))
        let help = CommandLineHarness.run(["prune", "--help"]).output
        #expect(!help.contains("--target-params ") && !help.contains("--criterion"))
    }

    /// The keys of `selection` in `slimvsr-lab compress` and the options here.
    @Test func optionsAreNamedAsTheSettingsOfCompression() {
        let help = CommandLineHarness.run(["prune", "--help"]).output
        // Batches are of use to scores by gradients only, which take training.
        for case (let key?, _) in Mirror(reflecting: PruningSettings()).children
        where key != "scoreBatches" {
            #expect(help.contains("  \(PruningArguments.option(key)) "), "\(key)")
        }
        #expect(PruningArguments.option("targetMacs") == "--target-macs")
        #expect(PruningArguments.option("allowEmpty") == "--allow-empty")
    }

    @Test func scoresByGradientsAreForTheLab() throws {
        let (result, model) = try pruned(["--ratio", "0.5", "--score", "taylor"])
        #expect(result.code != 0 && model == nil)
        #expect(
            result.errors.contains {
                $0.contains(
                    "--score is taylor; it must be l1 here, since Taylor scores take gradients of "
                        + "the training loss: run slimvsr-lab compress with selection.score=taylor")
            }, "\(result.errors)")
        let plain = try pruned(["--ratio", "0.5"]).1
        #expect(try pruned(["--ratio", "0.5", "--score", "l1"]).1 == plain)
        let compensated = try pruned(["--ratio", "0.5", "--score", "taylor", "--compensate", "."])
        #expect(
            compensated.0.errors.contains {
                $0.contains("left out with compensation, which chooses units by itself")
            })
    }

    /// 36 units of the blocks, 18 of the upsampler.
    @Test func partsLoseSharesOfTheirOwn() throws {
        func removed(_ options: String...) throws -> (count: Int, model: Model) {
            let (result, model) = try pruned(options)
            #expect(result.code == 0, "\(result.errors)")
            let slim = try #require(model)
            return (54 - slim.blueprint.unitCount, slim)
        }
        let alone = try removed("--part-ratio", "upsampler=0.5")
        #expect(alone.count == 9)
        #expect(alone.model.blueprint.forward == (try SmallClips.model().blueprint.forward))
        #expect(
            alone.model.metadata[MetadataKey.history]?.contains("0.5 of upsampler") == true)
        #expect(try removed("--part-ratio", "upsampler=0.5", "--ratio", "0.5").count == 27)
        let both = try removed("--part-ratio", "upsampler=0.5", "--part-ratio", "forward=0.25")
        #expect(both.count == 18)
        for (options, message) in [
            (["--part-ratio", "upsampler"], "write one such as upsampler=0.5"),
            (["--part-ratio", "middle=0.5"], "write one such as upsampler=0.5"),
            (["--part-ratio", "upsampler=2"], "the ratio from 0 to 1"),
            (
                ["--part-ratio", "upsampler=0.5", "--part-ratio", "upsampler=0.25"],
                "names upsampler twice"
            ),
            (
                ["--part-ratio", "upsampler=0.5", "--exclude", "conv_hr"],
                "--part-ratio is given for upsampler; it must be left out for what exclude names"
            ),
            (["--part-ratio", "upsampler=0.5", "--compensate", "."], "--compensate goes with"),
        ] {
            let (result, model) = try pruned(options)
            #expect(result.code != 0 && model == nil)
            #expect(result.errors.contains { $0.contains(message) }, "\(result.errors)")
        }
    }

    @Test func excludedPartsStay() throws {
        let dense = try SmallClips.model().blueprint
        let (result, model) = try pruned(["--ratio", "0.5", "--exclude", "upsampler"])
        // floor(0.5 · 36) of the blocks' units.
        #expect(result.output.contains("removed 18 of 54 units"))
        #expect(model?.blueprint.upsampler == dense.upsampler)
        #expect(model?.metadata[MetadataKey.history]?.contains("without upsampler") == true)
        let parts = ["--ratio", "0.5", "--exclude", "trunk", "--exclude", "conv_hr"]
        let upsampler = try #require(try pruned(parts).1).blueprint
        #expect(upsampler.forward == dense.forward)
        #expect(upsampler.upsampler.convolutions[2] == dense.upsampler.convolutions[2])
        let aligned = try pruned(
            ["--ratio", "0.5", "--structure", "aligned", "--exclude", "upsampler"]).1
        #expect(try #require(aligned).blueprint.width == 3)
        #expect(aligned?.blueprint.upsampler == dense.upsampler)
    }

    @Test func aSecondRefinementIsPrunedAndStaysByItsName() throws {
        var blueprint = try SmallClips.model().blueprint
        blueprint.upsampler = .init(widths: [6, 6], refinementWidths: [6, 6])
        let dense = try Model.initialized(blueprint, seed: 3)
        let (result, slim) = try pruned(
            ["--ratio", "0.5", "--scope", "local", "--exclude", "conv_hr"], of: dense)
        #expect(result.code == 0)
        #expect(slim?.blueprint.upsampler == .init(widths: [3, 3], refinementWidths: [6, 3]))
        let other = try pruned(
            ["--ratio", "0.5", "--scope", "local", "--exclude", "conv_hr2"], of: dense
        ).1
        #expect(other?.blueprint.upsampler == .init(widths: [3, 3], refinementWidths: [3, 6]))
        let mistaken = try pruned(["--ratio", "0.5", "--exclude", "conv_hr3"], of: dense).0
        #expect(
            mistaken.code != 0 && mistaken.errors.contains { $0.contains("exclude names conv_hr3") }
        )
    }

    @Test func anAlignedNetworkIsDense() throws {
        let model = try #require(try pruned(["--ratio", "0.5", "--structure", "aligned"]).1)
        #expect(model.blueprint.width == 3)
        #expect(
            model.blueprint.forward
                == Array(
                    repeating: Blueprint.ResidualBlock(width: 3), count: 2))
    }

    @Test func anAlignedNetworkNotesTheKeptChannelsAndPackingKeepsTheNote() throws {
        let folder = try TemporaryFolder()
        var dense = try SmallClips.model()
        // Channels 1, 3 and 4 of the trunk weigh most.
        for layer in dense.blueprint.layers where layer.part == .trunk(.forward) {
            guard layer.name.hasSuffix("conv2") || !layer.name.contains("conv"),
                var weight = dense.tensors[layer.weight]
            else { continue }
            let size = weight.values.count / layer.outputs
            for index in weight.values.indices {
                weight.values[index] = [1, 3, 4].contains(index / size) ? 0.5 : 0.01
            }
            dense.tensors[layer.weight] = weight
        }
        try folder.write(dense, "dense.safetensors")
        for arguments in [
            [
                "prune", "dense.safetensors", "--ratio", "0.5", "--structure", "aligned", "-o",
                "slim.safetensors",
            ],
            ["pack", "slim.safetensors", "--half", "-o", "half.safetensors"],
        ] {
            let paths = arguments.map { $0.hasSuffix(".safetensors") ? folder.path($0) : $0 }
            #expect(CommandLineHarness.run(paths).code == 0)
        }
        let kept = try ModelFile.read(folder.path("half.safetensors")).keptChannels()
        #expect(kept == KeptChannels(width: 6, indices: [.forward: [1, 3, 4]]))
    }

    /// Weights of 1, but for those of the layers named.
    private func constantModel(_ values: [String: Float]) throws -> Model {
        var model = try SmallClips.model()
        for (key, tensor) in model.tensors where key.kind == .weight {
            let value = values.first { key.name.hasPrefix($0.key) }?.value ?? 1
            model.tensors[key]?.values = Array(repeating: value, count: tensor.values.count)
        }
        return model
    }

    /// Units of upconv1 own 4 · 6 · 9 weights of 0.9: their mean, 0.9, is the least of all, their
    /// sum, 194.4, is not; a block's input channel owns 6 · 9 weights of 1, which sum up to 54.
    @Test func theNormSaysWhichUnitsAreSmallest() throws {
        let model = try constantModel(["upconv1": 0.9])
        // floor(0.1 · 54) = 5 units go.
        for options in [[], ["--norm", "mean"]] {
            let (result, slim) = try pruned(["--ratio", "0.1"] + options, of: model)
            #expect(result.code == 0 && slim?.blueprint.upsampler.convolutions[0].width == 1)
            #expect(slim?.metadata[MetadataKey.history]?.contains("mean of absolute") == true)
        }
        let (result, slim) = try pruned(["--ratio", "0.1", "--norm", "sum"], of: model)
        #expect(result.code == 0 && slim?.blueprint.upsampler.convolutions[0].width == 6)
        #expect(slim?.blueprint.unitCount == 49)
        #expect(slim?.metadata[MetadataKey.history]?.contains("sum of absolute") == true)
    }

    /// The first block's 18 units are the smallest third of the 54.
    @Test func layersLoseTheirLastUnitOnlyWhereThatIsAllowed() throws {
        let model = try constantModel(["forward_trunk.main.2.0.": 0.01])
        let emptied = try pruned(["--ratio", "0.334", "--allow-empty"], of: model).1
        #expect(try #require(emptied).blueprint.forward.map(\.isDropped) == [true, false])
        let kept = try #require(try pruned(["--ratio", "0.334"], of: model).1).blueprint
        #expect(kept.forward[0].keptInputs.count == 1 && kept.forward[0].middleWidth == 1)
        #expect(kept.forward[0].keptOutputs.count == 1 && kept.unitCount == 36)
    }

    @Test(arguments: [
        (
            ["--ratio", "0.5", "--target-macs", "0.5"],
            "--ratio is 0.5; it must be left out where a target of multiply-accumulates, parameters or "
                + "time is given"
        ),
        (["--target-macs", "1"], "cannot shrink to 1 MAC:"), (["--target-macs", "1"], " MACs; "),
        (
            ["--target-parameters", "2", "--structure", "aligned"],
            "no aligned structure is as small as 2 parameters"
        ),
        ([], "Name a target"),
        // What holds anyway is refused as well where it is said.
        (
            ["--ratio", "0.5", "--order", "min", "--structure", "aligned"],
            "--order is min; it must be left out with an aligned structure"
        ),
        (
            ["--ratio", "0.5", "--allow-empty", "--structure", "aligned"],
            "--allow-empty is true; it must be left out with an aligned structure"
        ),
    ])
    func whatIsWrongWithATargetIsSaid(options: [String], sentence: String) throws {
        let (result, _) = try pruned(options)
        #expect(result.remarks.first?.contains(sentence) == true, "\(result.remarks)")
    }

    @Test(arguments: [
        ["--ratio", "0.5", "--norm", "most"],
        ["--ratio", "0.5", "--allow-empty", "--structure", "aligned"],
        ["--ratio", "0.5", "--scope", "global", "--structure", "aligned"],
        ["--ratio", "0.5", "--align", "2", "--structure", "aligned"],
        ["--ratio", "0.5", "--seed", "1", "--structure", "aligned"],
        ["--ratio", "0.5", "--criterion", "random", "--structure", "aligned"],
        ["--ratio", "0.5", "--order", "min", "--structure", "aligned"],
        ["--ratio", "0.5", "--exclude", "forward", "--structure", "aligned"],
        ["--ratio", "0.5", "--order", "max", "--criterion", "max"],
        ["--ratio", "0.5", "--exclude", "backward"], ["--ratio", "0.5", "--exclude", "none"],
        ["--target-parameters", "0.5", "--target-params", "0.5"], ["--target-parameters", "-1"],
        [], ["--ratio", "0.5", "--target-macs", "1G"], ["--ratio", "1.5"], ["--ratio", "x"],
        ["--target-macs", "many"], ["--target-macs", "1"], ["--ratio", "0.5", "--align", "0"],
        ["--ratio", "0.999"],
    ])
    func mistakesAreOneSentenceAndLeaveNothing(options: [String]) throws {
        let (result, model) = try pruned(options)
        // 2 where the arguments themselves show it.
        #expect((1...2).contains(result.code) && result.remarks.count == 1, "\(result.remarks)")
        let isMissing = model == nil
        #expect(isMissing)
    }

    /// Mean squared distance of two networks' frames on a clip.
    private func distance(_ model: Model, _ other: Model) throws -> Double {
        let clip = SmallClips.frames(clip: 3, count: 4, size: FrameSize(width: 40, height: 36))
        func frames(_ model: Model) throws -> [Float] {
            try Upscaler(model: model).upscale(clip: clip).flatMap(\.samples)
        }
        return zip(try frames(model), try frames(other)).reduce(0) {
            $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1))
        }
    }

    @Test func compensationRefitsOnClips() throws {
        let clips = try TemporaryFolder()
        for clip in 0..<2 {
            try SmallClips.writePictures(
                clip: clip, count: 5, size: FrameSize(width: 160, height: 144),
                to: clips.path("clip\(clip)"))
        }
        let dense = try SmallClips.model()
        let target = ["--target-macs", "0.6"]
        let (result, model) = try pruned(
            target + ["--compensate", clips.path(""), "--threads", "2"])
        #expect(result.code == 0, "\(result.remarks)")
        let slim = try #require(model)
        try slim.validate()
        let share = Double(slim.blueprint.costs().macs) / Double(dense.blueprint.costs().macs)
        #expect(share <= 0.6)
        #expect(slim.metadata[MetadataKey.history]?.contains("compensation") == true)
        let plain = try #require(try pruned(target).1)
        #expect(try distance(slim, dense) < 0.5 * distance(plain, dense))
    }

    @Test func aTimeThatIsMetAlreadyLeavesTheNetwork() throws {
        let (result, model) = try pruned(
            ["--target-ms", "1e6", "--size", "32x24", "--threads", "1"])
        #expect(result.code == 0, "\(result.remarks)")
        #expect(try model?.blueprint == SmallClips.model().blueprint)
        #expect(result.output.contains("ms per frame (32x24, 1 thread, fp32;"))
    }

    @Test func whatCompensationCannotUseIsNamed() throws {
        let clips = try TemporaryFolder()
        try SmallClips.writePictures(
            clip: 0, count: 2, size: FrameSize(width: 64, height: 48), to: clips.path("small"))
        let target = ["--target-macs", "0.6"]
        for (options, words) in [
            (target + ["--compensate", clips.path("")], ["small", "64x48", "144x144"]),
            (target + ["--compensate", clips.path("nowhere")], ["nowhere"]),
            (target + ["--compensate", clips.path(""), "--scope", "local"], ["--scope"]),
            (target + ["--threads", "2"], ["--compensate", "--target-ms"]),
            (target + ["--target-ms", "40"], ["--target-ms", "40.0", "left out"]),
            (["--target-ms", "0.001", "--size", "32x24"], ["0.0 ms are too few", "32x24"]),
            (["--target-ms", "-3"], ["--target-ms"]),
            (["--target-ms", "nan"], ["--target-ms"]),
            (target + ["--compensate", clips.path(""), "--threads", "0"], ["--threads"]),
        ] {
            let (result, model) = try pruned(options)
            #expect(result.code != 0 && model == nil)
            let said = result.remarks.joined(separator: "\n")
            for word in words { #expect(said.contains(word), "\(said)") }
        }
    }
}
