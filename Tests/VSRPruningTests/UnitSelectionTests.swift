import Testing
import VSRCore
import VSRModel
import VSRPruning

@Suite struct UnitSelectionTests {
    private static let input = UnitGroup.block(.forward, 0, .input)
    private static let middle = UnitGroup.block(.forward, 0, .middle)
    private static let output = UnitGroup.block(.forward, 0, .output)
    private static let shuffle = UnitGroup.upsampler(.upconvolution(0))
    private static let refinement = UnitGroup.upsampler(.refinement(0))

    /// One block of width 4, scale 2: five layers of 4 units.
    private let blueprint = Blueprint(
        direction: .unidirectional, width: 4, blocks: 1, scale: 2,
        flow: .init(widths: [1, 1, 1, 1], levels: 1))

    private let scores = UnitScores(values: [
        input: [0.1, 0.9, 0.5, 0.5],
        middle: [0.2, 0.1, 0.3, 0.4],
        output: [0.8, 0.7, 0.6, 0.5],
        shuffle: [0.15, 0.05, 0.95, 0.85],
        refinement: [1, 1, 1, 1],
    ])

    private func removed(
        _ target: PruningTarget, _ options: PruningOptions = .init(), _ scores: UnitScores? = nil
    ) throws -> [UnitGroup: [Int]] {
        try UnitSelection(scores ?? self.scores, of: blueprint, to: target, options: options)
            .removed
    }

    @Test func theSmallestUnitsOfTheNetworkGoFirst() throws {
        // floor(0.29 · 20) = 5: 0.05; 0.1 of the inputs before 0.1 of the middle; 0.15; 0.2.
        #expect(
            try removed(.ratio(0.29)) == [
                Self.input: [0], Self.middle: [0, 1], Self.shuffle: [0, 1],
            ])
        #expect(try removed(.ratio(0)) == [:])
    }

    @Test func tiesGoByLayerOrderThenIndex() throws {
        // 0.5 is the score of inputs 2 and 3 and of output 3. Eight go before: five as above, then
        // 0.3, and of 0.4 the middle keeps its last, so 0.5 follows.
        #expect(try removed(.ratio(0.35))[Self.input] == [0, 2])
        #expect(try removed(.ratio(0.40))[Self.input] == [0, 2, 3])
        #expect(try removed(.ratio(0.40))[Self.output] == nil)
        #expect(try removed(.ratio(0.45))[Self.output] == [3])
        #expect(try removed(.ratio(0.45))[Self.middle] == [0, 1, 2])
    }

    @Test func theLargestGoFirstOnRequest() throws {
        #expect(
            try removed(.ratio(0.25), .init(order: .max)) == [
                Self.refinement: [0, 1, 2], Self.shuffle: [2], Self.input: [1],
            ])
    }

    @Test func localScopeTakesTheSameRatioOfEachLayer() throws {
        #expect(
            try removed(.ratio(0.5), .init(scope: .local)) == [
                Self.input: [0, 2], Self.middle: [0, 1], Self.output: [2, 3],
                Self.shuffle: [0, 1], Self.refinement: [0, 1],
            ])
        let error = #expect(throws: VSRError.self) {
            try removed(.ratio(1), .init(scope: .local))
        }
        #expect(error?.message.contains("forward.0.in, forward.0.mid") == true)
    }

    @Test func randomOrderFollowsTheSeedAlone() throws {
        let none = UnitScores(values: [:])
        let one = try removed(.ratio(0.5), .init(order: .random, seed: 1), none)
        #expect(try removed(.ratio(0.5), .init(order: .random, seed: 1)) == one)
        #expect(try removed(.ratio(0.5), .init(order: .random, seed: 2), none) != one)
        #expect(one.values.reduce(0) { $0 + $1.count } == 10)
    }

    @Test func layersKeepOneUnitUnlessAllowed() throws {
        // All but one of each: the one with the largest score, the last index among equals.
        let most = try removed(.ratio(0.75))
        #expect(
            most == [
                Self.input: [0, 2, 3], Self.middle: [0, 1, 2], Self.output: [1, 2, 3],
                Self.shuffle: [0, 1, 3], Self.refinement: [0, 1, 2],
            ])
        let error = #expect(throws: VSRError.self) { try removed(.ratio(0.8)) }
        #expect(error?.message.contains("16 of 20 units") == true)
        #expect(error?.message.contains("forward.0.in") == true)
        let all = try removed(.ratio(1), .init(allowsEmptyLayers: true))
        #expect(all.values.allSatisfy { $0 == [0, 1, 2, 3] } && all.count == 5)
        #expect(
            try removed(.ratio(0.4), .init(allowsEmptyLayers: true))[Self.middle] == [0, 1, 2, 3])
    }

    @Test func alignedCountsAreMultiplesWithTheNearestTotalNotAbove() throws {
        // Kept 3, 2, 4, 2, 4 = 15 without rounding. Multiples of 2: 2, 2, 4, 2, 4 = 14.
        #expect(
            try removed(.ratio(0.25), .init(alignment: 2)) == [
                Self.input: [0, 2], Self.middle: [0, 1], Self.shuffle: [0, 1],
            ])
        // Kept 1, 1, 3, 2, 4 = 11: down to 0, 0, 2, 2, 4, at least 2: 2, 2, 2, 2, 4 = 12, one step
        // above 10; only the last can give, since the others are at the least.
        #expect(
            try removed(.ratio(0.45), .init(alignment: 2)) == [
                Self.input: [0, 2], Self.middle: [0, 1], Self.output: [2, 3],
                Self.shuffle: [0, 1], Self.refinement: [0, 1],
            ])
        let error = #expect(throws: VSRError.self) {
            try removed(.ratio(0.1), .init(alignment: 5))
        }
        #expect(error?.message.contains("fewer than 5 units") == true)
    }

    @Test func theCostTargetIsMetByTheShortestPrefix() throws {
        // Parameters besides the flow network: first convolution 4·(7·9+1) = 256, block 2·148,
        // fusion 20, upconv1 16·37 = 592, conv_hr 148, conv_last 3·37 = 111: 1,423.
        // Order: shuffle 1 (−4·37 − 36), input 0 (−36), middle 1 (−28 − 36), …
        #expect(try removed(.parameters(1423)) == [:])
        #expect(try removed(.parameters(1422)) == [Self.shuffle: [1]])
        #expect(try removed(.parameters(1239)) == [Self.shuffle: [1]])
        #expect(try removed(.parameters(1238)) == [Self.shuffle: [1], Self.input: [0]])
        #expect(try removed(.parameters(1203)) == [Self.shuffle: [1], Self.input: [0]])
        #expect(
            try removed(.parameters(1139))
                == [Self.shuffle: [1], Self.input: [0], Self.middle: [1]])
        #expect(try removed(.parametersFraction(1203.5 / 1423)) == removed(.parameters(1203)))
        let error = #expect(throws: VSRError.self) { try removed(.parameters(300)) }
        #expect(error?.message.contains("cannot shrink to 300 parameters") == true)
    }

    @Test func macsAreCountedAtTheGivenSize() throws {
        let size = FrameSize(width: 5, height: 7)
        let present = blueprint.costs(at: size).macs
        // The first unit to go, shuffle group 1: 148 weights at 35 pixels, 36 of conv_hr at 140.
        let options = PruningOptions(frameSize: size)
        #expect(try removed(.macs(present - 148 * 35 - 36 * 140), options) == [Self.shuffle: [1]])
        #expect(
            try removed(.macs(present - 148 * 35 - 36 * 140 - 1), options)
                == [Self.shuffle: [1], Self.input: [0]])
        #expect(try removed(.macsFraction(1), options) == [:])
    }

    @Test func scoresMustFit() {
        let error = #expect(throws: VSRError.self) {
            try removed(.ratio(0.5), .init(), UnitScores(values: [Self.input: [1, 2, 3, .nan]]))
        }
        #expect(error?.message.contains("layer forward.0.in") == true)
    }

    @Test(arguments: [
        PruningTarget.ratio(-0.1), .ratio(1.1), .ratio(.nan), .macs(0), .parameters(-1),
        .macsFraction(0), .parametersFraction(2),
    ])
    func senselessTargetsAreRefused(_ target: PruningTarget) {
        #expect(throws: VSRError.self) { try removed(target) }
    }

    @Test(arguments: [
        ("90G", 90_000_000_000), ("1.5M", 1_500_000), ("260000", 260_000), ("2k", 2000),
        ("0.5T", 500_000_000_000),
    ])
    func countsAreReadAsPeopleWriteThem(_ text: String, _ count: Int) throws {
        #expect(try PruningTarget.count(text) == count)
    }

    @Test(arguments: ["", "G", "-3G", "nan", "inf", "0x10", "1e9", "90GG", "99999999999T", "0"])
    func otherTextsAreNoCounts(_ text: String) {
        #expect(throws: VSRError.self) { try PruningTarget.count(text) }
    }
}
