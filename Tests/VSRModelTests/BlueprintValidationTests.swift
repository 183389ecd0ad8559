import Testing
import VSRCore
import VSRModel

@Suite struct BlueprintValidationTests {
    /// A change that makes a valid blueprint invalid, and the key that the error must name.
    struct Fault: Sendable, CustomTestStringConvertible {
        var key: String
        var change: @Sendable (inout Blueprint) -> Void
        var testDescription: String { key }
        init(_ key: String, _ change: @escaping @Sendable (inout Blueprint) -> Void) {
            self.key = key
            self.change = change
        }
    }

    static let faults = [
        Fault("scale") { $0.scale = 3 },
        Fault("width") { $0.width = 0 },
        Fault("width") { $0.width = 1025 },
        Fault("negativeSlope") { $0.activation = .leakyReLU(negativeSlope: .nan) },
        Fault("negativeSlope") { $0.activation = .leakyReLU(negativeSlope: 1.5) },
        Fault("direction is empty; it must be 1...4 branches") { $0.direction = .init([]) },
        Fault("direction is forward+forward;") { $0.direction = .init([.forward, .forward]) },
        Fault("direction is backward+forward2;") {
            $0.direction = .init([.backward, .forward(2)])
        },
        Fault("direction is forward0+forward;") { $0.direction = .init([.forward, .forward(0)]) },
        Fault("direction is backward+forward+backward2+forward2+backward3;") {
            $0.direction = .init([.forward, .forward(2), .backward, .backward(2), .backward(3)])
        },
        Fault("backward") { $0.backward = [.init(width: 8)] },
        Fault("forward9") { $0[.forward(9)] = [.init(width: 8)] },
        Fault("forward is 257 blocks") {
            $0.forward = Array(repeating: .init(width: 8), count: 257)
        },
        Fault("forward[1].inputs") { $0.forward[1].keptInputs = [0, 2, 2] },
        Fault("forward[1].inputs") { $0.forward[1].keptInputs = [3, 1] },
        Fault("forward[0].inputs") { $0.forward[0].keptInputs = [8] },
        Fault("forward[1].outputs") { $0.forward[1].keptOutputs = [-1] },
        Fault("forward[0].middle") { $0.forward[0].middleWidth = -1 },
        Fault("forward[0] is") { $0.forward[0].keptOutputs = [] },
        Fault("forward[0] is") { $0.forward[0].middleWidth = 0 },
        Fault("upsampler.upconv1") { $0.upsampler.convolutions[0].width = -1 },
        Fault("upsampler.upconv2") { $0.upsampler.convolutions.remove(at: 1) },
        Fault("upsampler.upconv2") { $0.upsampler.convolutions[1].width = 4096 },
        Fault("upsampler.upconv2") { $0.scale = 2 },
        Fault("upsampler.conv_hr") { $0.upsampler.convolutions[2].width = .max },
        Fault("upsampler.conv_hr2 is -1") {
            $0.upsampler.convolutions.append(.init(factor: 1, width: -1))
        },
        Fault("upsampler.factors is 3") { $0.upsampler.convolutions[0].factor = 3 },
        Fault("upsampler.upconv1") { $0.upsampler.convolutions.removeFirst(2) },
        Fault("upsampler.upconv1") { $0.upsampler.convolutions = [] },
        Fault("upsampler is 17 convolutions") {
            $0.upsampler = .init(widths: [8, 8], refinementWidths: Array(repeating: 8, count: 15))
        },
        Fault("flow.widths") { $0.flow.widths = [] },
        Fault("flow.widths") { $0.flow.widths = [8, 0, 8, 8] },
        Fault("flow.levels") { $0.flow.levels = 7 },
    ]

    @Test(arguments: faults) func errorsNameTheKey(_ fault: Fault) throws {
        var blueprint = Blueprint(direction: .unidirectional, width: 8, blocks: 2)
        try blueprint.validate()
        fault.change(&blueprint)
        let error = #expect(throws: VSRError.self) { try blueprint.validate() }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains("key \(fault.key)") == true, "\(error?.message ?? "")")
    }

    @Test func anyBranchesUpToFourAreValid() throws {
        for branches: [Blueprint.Branch] in [
            [.backward], [.forward, .forward(2)], [.backward, .forward, .backward(2)],
            [.forward, .forward(2), .forward(3), .forward(4)],
            [.backward, .forward, .backward(2), .forward(2)],
        ] {
            try Blueprint(direction: .init(branches), width: 8, blocks: 2).validate()
        }
    }

    @Test func everyPresetIsValidAndNamed() throws {
        for name in ["basicvsr", "basicvsr-uni", "basicvsr-lite", "basicvsr-uni-lite"] {
            let blueprint = try Blueprint.preset(named: name).blueprint()
            #expect(
                blueprint.direction == (name.contains("uni") ? .unidirectional : .bidirectional))
            #expect(blueprint.width == (name.contains("lite") ? 32 : 64))
            #expect(blueprint.forward.count == 30)
        }
        let error = #expect(throws: VSRError.self) { try Blueprint.preset(named: "edvr") }
        #expect(error?.message.contains("basicvsr-uni-lite") == true)
    }

    @Test func presetsRefuseAbsurdSizes() {
        #expect(throws: VSRError.self) { try Blueprint.Preset.basicVSR.blueprint(width: 1 << 40) }
        #expect(throws: VSRError.self) { try Blueprint.Preset.basicVSR.blueprint(blocks: -1) }
        #expect(throws: VSRError.self) { try Blueprint.Preset.basicVSR.blueprint(scale: 8) }
    }

    @Test func canonicalFormsLeaveOutWhatNothingReads() {
        #expect(
            Blueprint.ResidualBlock(keptInputs: [1], middleWidth: 2, keptOutputs: []).canonical
                == .init(keptInputs: [], middleWidth: 0, keptOutputs: []))
        #expect(
            Blueprint.ResidualBlock(keptInputs: [1], middleWidth: 0, keptOutputs: [2]).canonical
                == .init(keptInputs: [], middleWidth: 0, keptOutputs: [2]))
        // Without inputs the middle still gives ReLU(b1) inside the frame and 0 outside.
        let constant = Blueprint.ResidualBlock(keptInputs: [], middleWidth: 1, keptOutputs: [2])
        #expect(constant.canonical == constant)
        #expect(
            Blueprint.Upsampler(widths: [4, 0], refinementWidths: [2]).canonical
                == .init(widths: [0, 0], refinementWidths: [2]))
        #expect(
            Blueprint.Upsampler(widths: [4], refinementWidths: [0]).canonical
                == .init(widths: [0], refinementWidths: [0]))
        #expect(
            Blueprint.Upsampler(widths: [4, 5], refinementWidths: [6, 0, 7]).canonical
                == .init(widths: [0, 0], refinementWidths: [0, 0, 7]))
    }
}
