import Foundation
import Testing
import VSRCore
import VSRModel

@Suite struct BlueprintJSONTests {
    static let sample = """
        {"backward":1,"direction":"bi","flow":{"levels":6,"widths":[8,16,8,4]},"forward":[{"inputs":\
        "0-1,3","middle":2,"outputs":"1-3"},{"inputs":"","middle":0,"outputs":"2"}],\
        "negativeSlope":0.1,"scale":4,"upsampler":{"conv_hr":4,"upconv1":4,"upconv2":3},"width":4}
        """

    static func blueprint() -> Blueprint {
        var blueprint = Blueprint(
            direction: .bidirectional, width: 4, blocks: 1, flow: .quarter)
        blueprint.forward = [
            .init(keptInputs: [0, 1, 3], middleWidth: 2, keptOutputs: [1, 2, 3]),
            .init(keptInputs: [], middleWidth: 0, keptOutputs: [2]),
        ]
        blueprint.upsampler.convolutions[1].width = 3
        return blueprint
    }

    @Test func theCompactFormIsShortAndExact() throws {
        #expect(try Self.blueprint().json() == Self.sample)
        #expect(try Blueprint(json: Self.sample) == Self.blueprint())
        let dense = try Blueprint.preset(named: "basicvsr").blueprint()
        #expect(try dense.json().utf8.count < 250)
        #expect(try Blueprint(json: try dense.json()) == dense)
    }

    @Test func branchesBesideThePublishedOnesHaveKeysOfTheirNames() throws {
        var blueprint = Blueprint(
            direction: .init([.backward, .forward, .forward(2)]), width: 4, blocks: 2,
            flow: .quarter)
        blueprint[.forward(2)] = [.init(keptInputs: [1], middleWidth: 2, keptOutputs: [0, 3])]
        let json = try blueprint.json()
        #expect(
            json.hasPrefix(
                #"{"backward":2,"direction":"backward+forward+forward2","flow":{"#))
        #expect(
            json.contains(
                #""forward":2,"forward2":[{"inputs":"1","middle":2,"outputs":"0,3"}],"#))
        #expect(try Blueprint(json: json) == blueprint)
        for (original, replacement, key) in [
            ("backward+forward+forward2", "forward+backward", "direction"),
            ("backward+forward+forward2", "bi", "forward2 is 1 block"),
            (#""forward2":["#, #""forward3":["#, "forward2"),
        ] {
            let changed = json.replacingOccurrences(of: original, with: replacement)
            let error = #expect(throws: VSRError.self) { try Blueprint(json: changed) }
            #expect(error?.message.contains(key) == true, "\(error?.message ?? "")")
        }
    }

    @Test func whatBasicVSRLacksHasKeysOfItsOwn() throws {
        var blueprint = Self.blueprint()
        blueprint.upsampler = .oneStep(width: 3, scale: 4)
        blueprint.flow = .init(widths: [5, 6], levels: 3, kernelSizes: [3, 5, 7])
        let json = try blueprint.json()
        #expect(json.contains(#""upsampler":{"conv_hr":3,"factors":[4],"upconv1":3}"#))
        #expect(json.contains(#""flow":{"kernels":[3,5,7],"levels":3,"widths":[5,6]}"#))
        #expect(try Blueprint(json: json) == blueprint)
    }

    @Test func aReductionOfTheFlowNetworksFramesIsKept() throws {
        var blueprint = Self.blueprint()
        blueprint.flow = .init(widths: [5, 6], levels: 3, kernelSizes: [3, 5, 7], reduction: 4)
        let json = try blueprint.json()
        #expect(
            json.contains(#""flow":{"kernels":[3,5,7],"levels":3,"reduction":4,"widths":[5,6]}"#))
        #expect(try Blueprint(json: json) == blueprint)
        // Three levels of frames that are padded to multiples of 32 can be reduced by 8 at most.
        for wrong in ["0", "-2", "3", "16", "1.5", "null"] {
            let changed = json.replacingOccurrences(
                of: #""reduction":4"#, with: #""reduction":\#(wrong)"#)
            let error = #expect(throws: VSRError.self) { try Blueprint(json: changed).validate() }
            #expect(error?.message.contains("reduction") == true, "\(error?.message ?? "")")
        }
    }

    /// Convolutions of the upsampler as (factor, width), and the upsampler's text.
    @Test(
        arguments: [
            ([(2, 3)], #"{"factors":[2],"upconv1":3}"#),
            ([(2, 3), (1, 4)], #"{"conv_hr":4,"upconv1":3}"#),
            ([(4, 3), (1, 4)], #"{"conv_hr":4,"factors":[4],"upconv1":3}"#),
            ([(2, 3), (2, 5), (1, 4)], #"{"conv_hr":4,"upconv1":3,"upconv2":5}"#),
            ([(2, 3), (2, 5)], #"{"factors":[2,2],"upconv1":3,"upconv2":5}"#),
            (
                [(2, 3), (2, 5), (1, 4), (1, 6)],
                #"{"conv_hr":4,"conv_hr2":6,"factors":[2,2,1,1],"upconv1":3,"upconv2":5}"#
            ),
            ([(1, 4), (4, 3)], #"{"conv_hr":4,"factors":[1,4],"upconv1":3}"#),
            (
                [(2, 3), (1, 4), (2, 5), (1, 6)],
                #"{"conv_hr":4,"conv_hr2":6,"factors":[2,1,2,1],"upconv1":3,"upconv2":5}"#
            ),
        ] as [([(Int, Int)], String)])
    func upsamplersAreListsOfConvolutions(
        _ convolutions: [(factor: Int, width: Int)], _ text: String
    ) throws {
        var blueprint = Self.blueprint()
        blueprint.upsampler = .init(
            convolutions: convolutions.map { .init(factor: $0.factor, width: $0.width) })
        blueprint.scale = blueprint.upsampler.scale
        let json = try blueprint.json()
        #expect(json.contains("\"upsampler\":\(text)"), "\(json)")
        #expect(try Blueprint(json: json) == blueprint)
    }

    /// Factors were for what shuffles alone, also where they are BasicVSR's.
    @Test func factorsWithoutTheLastRefinementAreReadToo() throws {
        let text = #""upsampler":{"conv_hr":4,"upconv1":4,"upconv2":3}"#
        let listed = #""upsampler":{"conv_hr":4,"factors":[2,2],"upconv1":4,"upconv2":3}"#
        try #require(Self.sample.contains(text))
        let json = Self.sample.replacingOccurrences(of: text, with: listed)
        #expect(try Blueprint(json: json) == Self.blueprint())
    }

    @Test(arguments: [
        ("\"conv_hr2\":6,", "", "upsampler.factors"),
        ("\"factors\":[2,2,1,1],", "", "upsampler.conv_hr2"),
        ("[2,2,1,1]", "[2,2,1]", "upsampler.factors"),
        ("[2,2,1,1]", "[2,2,1,2]", "upsampler.conv_hr2"),
        ("[2,2,1,1]", "[4,1,1,1]", "upsampler.upconv2"),
        ("[2,2,1,1]", "[2,2,1,3]", "conv_hr2"),
        ("\"conv_hr2\":6", "\"conv_hr3\":6", "upsampler.conv_hr3"),
        ("\"conv_hr2\":6", "\"conv_hr2\":1025", "upsampler.conv_hr2"),
        ("\"conv_hr2\":6", "\"conv_hr2\":6.5", "upsampler.conv_hr2"),
    ])
    func errorsNameTheKeysOfConvolutions(
        _ original: String, _ replacement: String, _ key: String
    ) throws {
        var blueprint = Self.blueprint()
        blueprint.upsampler = .init(widths: [3, 5], refinementWidths: [4, 6])
        let json = try blueprint.json()
        try #require(json.contains(original))
        let error = #expect(throws: VSRError.self) {
            try Blueprint(json: json.replacingOccurrences(of: original, with: replacement))
        }
        #expect(error?.message.contains(key) == true, "\(error?.message ?? "")")
    }

    @Test(arguments: [
        ("[3,5,7]", "[3,4,7]", "flow.kernels"), ("[3,5,7]", "[]", "flow.kernels"),
        ("[3,5,7]", "[3,5]", "flow.widths"), ("[4]", "[4,2]", "factors"),
        ("[4]", "[3]", "upsampler.factors"), ("[4]", "[2]", "upsampler.upconv2"),
    ])
    func errorsNameTheKeysOfOtherForms(
        _ original: String, _ replacement: String, _ key: String
    ) throws {
        var blueprint = Self.blueprint()
        blueprint.upsampler = .oneStep(width: 3, scale: 4)
        blueprint.flow = .init(widths: [5, 6], levels: 3, kernelSizes: [3, 5, 7])
        let json = try blueprint.json().replacingOccurrences(of: original, with: replacement)
        let error = #expect(throws: VSRError.self) { try Blueprint(json: json) }
        #expect(error?.message.contains(key) == true, "\(error?.message ?? "")")
    }

    @Test func otherEncodersReadAndWriteItToo() throws {
        let data = try JSONEncoder().encode(Self.blueprint())
        #expect(try JSONDecoder().decode(Blueprint.self, from: data) == Self.blueprint())
    }

    @Test(arguments: [
        ("\"scale\":4,", "", "scale"),
        ("\"scale\":4,", "\"scale\":\"4\",", "scale"),
        ("\"scale\":4,", "\"scale\":null,", "scale"),
        ("\"scale\":4,", "\"scale\":4,\"depth\":3,", "depth"),
        ("\"bi\"", "\"sideways\"", "direction"),
        ("\"backward\":1,", "", "backward"),
        ("\"width\":4", "\"width\":1e30", "width"),
        ("\"width\":4", "\"width\":9223372036854775807", "width"),
        ("\"width\":4", "\"width\":3", "forward[0].inputs"),
        ("\"negativeSlope\":0.1", "\"negativeSlope\":-1", "negativeSlope"),
        ("\"backward\":1", "\"backward\":1000000000000", "backward"),
        ("\"backward\":1", "\"backward\":-1", "backward"),
        ("0-1,3", "0-1000000000000", "forward[0].inputs"),
        ("0-1,3", "3-1", "forward[0].inputs"),
        ("0-1,3", "0-1,,3", "forward[0].inputs"),
        ("0-1,3", "0-1,1", "forward[0].inputs"),
        ("\"middle\":2", "\"middle\":2.5", "forward[0].middle"),
        ("\"middle\":2", "\"center\":2", "forward[0].center"),
        (",\"upconv2\":3", "", "upsampler"),
        ("\"upconv2\":3", "\"upconv2\":-3", "upsampler.upconv2"),
        ("[8,16,8,4]", "[8,16,\"x\",4]", "flow.widths[2]"),
        ("[8,16,8,4]", "[8,16,8]", "flow.widths"),
        ("{\"backward\"", "{\"backward", "malformed"),
    ])
    func errorsNameTheKey(_ original: String, _ replacement: String, _ key: String) throws {
        try #require(Self.sample.contains(original))
        let json = Self.sample.replacingOccurrences(of: original, with: replacement)
        let error = #expect(throws: VSRError.self) { try Blueprint(json: json) }
        #expect(error?.message.contains(key) == true, "\(error?.message ?? "")")
    }

    @Test func listsOfBlocksWithoutEndAreRefusedEarly() {
        // Decoded in full, this text of 8 MB would take 2.5 GB.
        let block = #"{"inputs":"0-1023","middle":1,"outputs":"0-1023"}"#
        let blocks = Array(repeating: block, count: 160_000).joined(separator: ",")
        let json = Self.sample.replacingOccurrences(
            of: "\"backward\":1", with: "\"backward\":[\(blocks)]")
        let error = #expect(throws: VSRError.self) { try Blueprint(json: json) }
        #expect(error?.message.contains("more than 256 blocks") == true)
    }

    @Test func deepNestingIsRefused() {
        let json = String(repeating: "[", count: 100_000)
        #expect(throws: VSRError.self) { try Blueprint(json: json) }
    }
}
