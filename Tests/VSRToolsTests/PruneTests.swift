import Foundation
import Testing
import VSRCore
import VSRModel
import VSRTools

@Suite struct PruneTests {
    private func pruned(_ options: [String]) throws -> (CommandLineHarness.Result, Model?) {
        let folder = try TemporaryFolder()
        try folder.write(try SmallClips.model(), "dense.safetensors")
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
                var weight = dense.tensors[layer.weightName]
            else { continue }
            let size = weight.values.count / layer.outputs
            for index in weight.values.indices {
                weight.values[index] = [1, 3, 4].contains(index / size) ? 0.5 : 0.01
            }
            dense.tensors[layer.weightName] = weight
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

    @Test(arguments: [
        [], ["--ratio", "0.5", "--target-macs", "1G"], ["--ratio", "1.5"], ["--ratio", "x"],
        ["--target-macs", "many"], ["--target-macs", "1"], ["--ratio", "0.5", "--align", "0"],
        ["--ratio", "0.999"],
    ])
    func mistakesAreOneSentenceAndLeaveNothing(options: [String]) throws {
        let (result, model) = try pruned(options)
        #expect(result.code == 1 && result.remarks.count == 1, "\(result.remarks)")
        let isMissing = model == nil
        #expect(isMissing)
    }
}
