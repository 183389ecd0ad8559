import Foundation
import Testing
import VSRCore
import VSRModel
import VSRTestSupport
import VSRTools

@Suite struct InspectTests {
    private func inspected(_ arguments: String...) throws -> Inspection {
        let result = CommandLineHarness.run(["inspect"] + arguments + ["--json"])
        #expect(result.code == 0 && result.remarks.isEmpty)
        return try JSONDecoder().decode(Inspection.self, from: Data(result.output.utf8))
    }

    /// Source: the published counts at 180×320, SPyNet apart (Chan et al., CVPR 2021; Xia et al.,
    /// CVPR 2023): 338.34 G and 4.851 M; 208.26 G and 2.593 M; SPyNet 19.66 G per direction and
    /// 1.4403 M; width 32: 85.2 G.
    @Test func thePublishedNetworksCostWhatWasPublished() throws {
        let bidirectional = try inspected("basicvsr")
        #expect(abs(Double(bidirectional.macs) / 1e9 - 338.34) < 0.005)
        #expect(abs(Double(bidirectional.parameters) / 1e6 - 4.851) < 0.0005)
        #expect(
            abs(Double(bidirectional.macsWithFlow - bidirectional.macs) / 2e9 - 19.66) < 0.005)
        #expect(bidirectional.parametersWithFlow - bidirectional.parameters == 1_440_300)
        let online = try inspected("basicvsr-uni")
        #expect(abs(Double(online.macs) / 1e9 - 208.26) < 0.005)
        #expect(abs(Double(online.parameters) / 1e6 - 2.593) < 0.0005)
        #expect(abs(Double(online.macsWithFlow - online.macs) / 1e9 - 19.66) < 0.005)
        let lite = try inspected("basicvsr", "--width", "32")
        #expect(abs(Double(lite.macs) / 1e9 - 85.2) < 0.05)
    }

    /// By hand, for width 2, 1 block, scale 2, 8×4 pixels.
    ///
    /// Parameters: first 5·2·9+2 = 92, block
    /// 2·(2·2·9+2) = 76, fusion 2·2+2 = 6, upconv1 2·8·9+8 = 152, conv_hr 38, conv_last 57.
    /// MACs: (92 + 76 + 6 + 152) · 32 + (38 + 57) · 128 = 22592.
    @Test func aSmallNetworkIsCountedAsByHand() throws {
        let small = try inspected(
            "basicvsr-uni", "--width", "2", "--blocks", "1", "--scale", "2", "--size", "8x4")
        #expect(small.parameters == 421)
        #expect(small.macs == 22_592)
        #expect(small.units == 2 * 3 + 2 + 2)
        #expect(
            small.layers.filter { $0.part != .flow }.map(\.parameters)
                == [92, 38, 38, 6, 152, 38, 57])
    }

    @Test func partsHaveTheirNamesInJSON() throws {
        let text = CommandLineHarness.run(["inspect", "basicvsr", "--json"]).output
        for name in ["backward trunk", "forward trunk", "upsampler", "flow network"] {
            #expect(text.contains(#""name" : "\#(name)""#), "\(name)")
            #expect(text.contains(#""part" : "\#(name)""#), "\(name)")
            #expect(Inspection.PartKind(name)?.description == name)
        }
        #expect(Inspection.PartKind("sideways trunk") == nil)
    }

    @Test func partsAddUpToTheWhole() throws {
        let inspection = try inspected("basicvsr")
        #expect(inspection.parts.reduce(0) { $0 + $1.macs } == inspection.macsWithFlow)
        #expect(inspection.parts.reduce(0) { $0 + $1.units } == inspection.units)
        #expect(inspection.layers.reduce(0) { $0 + $1.macs } == inspection.macsWithFlow)
    }

    @Test func tablesFitAHundredColumns() {
        for name in ["basicvsr", "basicvsr-uni"] {
            let result = CommandLineHarness.run(
                ["inspect", name, "--layers", "--size", "100000x100000"])
            #expect(result.code == 0)
            #expect(result.output.split(separator: "\n").allSatisfy { $0.count <= 100 })
        }
    }

    @Test func aModelFileShowsItsMetadataWithoutControlCharacters() throws {
        let folder = try TemporaryFolder()
        let blueprint = Blueprint(
            direction: .unidirectional, width: 4, blocks: 1,
            flow: Blueprint.FlowNetwork(widths: [2, 2, 2, 2]))
        var model = try Model.initialized(blueprint, seed: 1)
        model.metadata["note"] = "red \u{1B}[31m" + String(repeating: "x", count: 300)
        try ModelFile.write(model, to: folder.path("m.safetensors"))
        let result = CommandLineHarness.run(["inspect", folder.path("m.safetensors")])
        #expect(result.code == 0)
        #expect(result.output.contains("note: red  [31mxxx"))
        #expect(!result.output.contains("\u{1B}"))
        // The first line holds the path, whose length is the user's.
        let lines = result.output.components(separatedBy: "\n").dropFirst()
        #expect(lines.allSatisfy { $0.count <= 100 })
    }

    @Test(arguments: [
        ["inspect", "no-such-model"], ["inspect"], ["inspect", "basicvsr", "--width", "0"],
        ["inspect", "basicvsr", "--width", "x"], ["inspect", "basicvsr", "--scale", "3"],
        ["inspect", "basicvsr", "--size", "0x7"], ["inspect", "basicvsr", "--no-such-option"],
        ["inspect", "basicvsr", "extra"], ["inspect", "."], ["no-such-command"],
    ])
    func mistakesAreOneSentence(arguments: [String]) {
        let result = CommandLineHarness.run(arguments)
        #expect(result.isMistake)
        #expect(result.output.isEmpty)
        #expect(result.remarks.count == 1)
        #expect(result.remarks.first?.hasPrefix("error: ") == true)
        #expect(result.remarks.first?.contains("\n") == false)
    }

    @Test func helpIsNoMistake() {
        for arguments in [["--help"], [], ["inspect", "--help"], ["help", "inspect"]] {
            let result = CommandLineHarness.run(arguments)
            #expect(result.code == 0 && result.remarks.isEmpty)
            #expect(result.output.contains("USAGE: slimvsr"))
            #expect(result.output.contains("--blocks") == arguments.contains("inspect"))
        }
        #expect(CommandLineHarness.run(["--version"]).output == "0.1.0")
    }
}
