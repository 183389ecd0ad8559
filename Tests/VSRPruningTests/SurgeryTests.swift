import Testing
import VSRCore
import VSRModel
import VSRPruning
import VSRTestSupport

@Suite struct SurgeryTests {
    struct Variant: Sendable, CustomTestStringConvertible {
        var direction: Blueprint.Direction
        var scale: Int
        /// `nil` for BasicVSR's.
        var upsampler: Blueprint.Upsampler?

        var testDescription: String {
            "\(direction.rawValue) ×\(scale) \(upsampler.map { "\($0.units)" } ?? "")"
        }

        func model(seed: UInt64) -> Model {
            var blueprint = NetworkComparison.blueprint(direction, scale: scale)
            if let upsampler { blueprint.upsampler = upsampler }
            return .random(blueprint, seed: seed)
        }
    }

    static let variants = [
        Variant(direction: .unidirectional, scale: 2),
        Variant(direction: .unidirectional, scale: 4),
        Variant(direction: .bidirectional, scale: 2), Variant(direction: .bidirectional, scale: 4),
        Variant(
            direction: .bidirectional, scale: 4,
            upsampler: .init(widths: [6, 4], refinementWidths: [5, 4])),
        Variant(
            direction: .unidirectional, scale: 4,
            upsampler: .init(
                convolutions: [1, 2, 1, 2].map { .init(factor: $0, width: 5) })),
        Variant(direction: .init([.backward, .forward, .forward(2)]), scale: 2),
    ]

    /// Each unit goes with a probability of its layer's own; one layer in six is emptied.
    private func selection(
        _ blueprint: Blueprint, _ random: inout SeededGenerator
    ) -> UnitSelection {
        var removed: [UnitGroup: [Int]] = [:]
        for layer in blueprint.unitGroups {
            let share = random.integer(below: 6) == 0 ? 1 : random.uniform()
            removed[layer] = (0..<blueprint.unitCount(of: layer))
                .filter { _ in random.uniform() < share }
        }
        return UnitSelection(removed: removed)
    }

    @Test(arguments: variants)
    func thePrunedNetworkEqualsTheDenseOneWithFactorsZero(_ variant: Variant) throws {
        var random = SeededGenerator(seed: 11)
        for seed in 0..<8 {
            let dense = variant.model(seed: UInt64(seed))
            let selection = selection(dense.blueprint, &random)
            let pruned = try dense.removing(selection)
            try pruned.validate()
            let silent = try dense.folding(
                ScalingFactors(switchingOff: selection, in: dense.blueprint))
            #expect(silent.blueprint == dense.blueprint)
            #expect(try NetworkComparison.distance(pruned, silent) < 1e-5)
        }
    }

    @Test(arguments: variants)
    func everyEmptyLayerEqualsTheDenseOneWithFactorsZero(_ variant: Variant) throws {
        let dense = variant.model(seed: 3)
        for layer in dense.blueprint.unitGroups {
            let units = Array(0..<dense.blueprint.unitCount(of: layer))
            let selection = UnitSelection(removed: [layer: units])
            let pruned = try dense.removing(selection)
            try pruned.validate()
            let silent = try dense.folding(
                ScalingFactors(switchingOff: selection, in: dense.blueprint))
            #expect(try NetworkComparison.distance(pruned, silent) < 1e-5, "\(layer)")
            #expect(try NetworkComparison.distance(pruned, dense) > 1e-4, "\(layer)")
        }
        let everything = UnitSelection(
            removed: Dictionary(
                uniqueKeysWithValues: dense.blueprint.unitGroups.map {
                    ($0, Array(0..<dense.blueprint.unitCount(of: $0)))
                }))
        let pruned = try dense.removing(everything)
        #expect(pruned.blueprint.unitCount == 0)
        let silent = try dense.folding(
            ScalingFactors(switchingOff: everything, in: dense.blueprint))
        #expect(try NetworkComparison.distance(pruned, silent) < 1e-5)
    }

    @Test(arguments: variants)
    func aPrunedNetworkCanBePrunedAgain(_ variant: Variant) throws {
        let dense = variant.model(seed: 5)
        let once = try dense.removing(UnitSelection(pruning: dense, to: .ratio(0.3)))
        let selection = try UnitSelection(pruning: once, to: .macsFraction(0.7))
        let twice = try once.removing(selection)
        try twice.validate()
        let silent = try once.folding(ScalingFactors(switchingOff: selection, in: once.blueprint))
        #expect(try NetworkComparison.distance(twice, silent) < 1e-5)
        let costs = twice.blueprint.costs()
        #expect(Double(costs.macs) <= 0.7 * Double(once.blueprint.costs().macs))
    }

    @Test func anUpsamplerOfOneStepIsPrunedAlike() throws {
        var blueprint = NetworkComparison.blueprint(.unidirectional, scale: 4)
        blueprint.upsampler = .oneStep(width: 4, scale: 4)
        let dense = Model.random(blueprint, seed: 3)
        let units = UnitGroup.upsampler(.upconvolution(0))
        #expect(blueprint.unitCount(of: units) == 4)
        let selection = UnitSelection(removed: [units: [1, 3], .upsampler(.refinement(0)): [0]])
        let pruned = try dense.removing(selection)
        #expect(
            pruned.blueprint.upsampler
                == .init(convolutions: [.init(factor: 4, width: 2), .init(factor: 1, width: 3)]))
        #expect(
            try pruned.tensors[.bias(.upconvolution(0))]?.values
                == [0, 2].flatMap {
                    try #require(dense.tensors[.bias(.upconvolution(0))])
                        .values[16 * $0..<16 * $0 + 16]
                })
        let silent = try dense.folding(ScalingFactors(switchingOff: selection, in: blueprint))
        #expect(try NetworkComparison.distance(pruned, silent) < 1e-5)
        #expect(try NetworkComparison.distance(pruned, dense) > 1e-3)
        let aligned = try AlignedSelection(pruning: dense, to: .ratio(0.5))
        let narrow = try dense.keeping(aligned)
        let quiet = try dense.folding(AlignedFactors(switchingOff: aligned, in: blueprint))
        #expect(narrow.blueprint.upsampler == .oneStep(width: 2, scale: 4))
        #expect(try NetworkComparison.distance(narrow, quiet) < 1e-5)
    }

    @Test func removedUnitsLeaveTheOtherWeightsUntouched() throws {
        let dense = Variant(direction: .unidirectional, scale: 4).model(seed: 1)
        let pruned = try dense.removing(
            UnitSelection(removed: [
                .block(.forward, 0, .input): [1], .block(.forward, 0, .middle): [0, 2, 3, 4, 5],
                .upsampler(.upconvolution(0)): [0, 1, 3, 4, 5],
                .upsampler(.upconvolution(1)): [0, 2, 3],
            ]))
        func values(_ model: Model, _ key: TensorKey) throws -> [Float] {
            try #require(model.tensors[key]).values
        }
        let conv1 = try values(dense, .weight(.block(.forward, 0, .first)))
        // Filter 1 of 6 inputs, without input 1.
        let filter = Array(conv1[54..<108])
        #expect(
            try values(pruned, .weight(.block(.forward, 0, .first)))
                == Array(filter[0..<9] + filter[18..<54]))
        #expect(
            try values(pruned, .bias(.block(.forward, 0, .first)))
                == [values(dense, .bias(.block(.forward, 0, .first)))[1]])
        // Group 2 of upconv1: filters 8 to 11; it becomes the only input of upconv2.
        #expect(
            try values(pruned, .bias(.upconvolution(0)))
                == Array(values(dense, .bias(.upconvolution(0)))[8..<12]))
        let upconv2 = try values(dense, .weight(.upconvolution(1)))
        let expected: [Float] = (4..<8).flatMap { (filter: Int) -> ArraySlice<Float> in
            let start = (filter * 6 + 2) * 9
            return upconv2[start..<start + 9]
        }
        #expect(try values(pruned, .weight(.upconvolution(1))) == expected)
        #expect(try values(pruned, .weight(.output)) == values(dense, .weight(.output)))
    }

    @Test func unitsOfASecondRefinementTakeTheNextLayersInputs() throws {
        let dense = Self.variants[4].model(seed: 2)
        let pruned = try dense.removing(
            UnitSelection(removed: [
                .upsampler(.refinement(0)): [0, 4], .upsampler(.refinement(1)): [1, 2],
            ]))
        #expect(
            pruned.blueprint.upsampler == .init(widths: [6, 4], refinementWidths: [3, 2]))
        func values(_ model: Model, _ key: TensorKey) throws -> [Float] {
            try #require(model.tensors[key]).values
        }
        // Filters 0 and 3 of 5 inputs each, of which 1, 2 and 3 are left.
        let second = try values(dense, .weight(.refinement(1)))
        #expect(
            try values(pruned, .weight(.refinement(1)))
                == Array(second[9..<36] + second[144..<171]))
        #expect(
            try values(pruned, .bias(.refinement(1)))
                == [0, 3].map { try values(dense, .bias(.refinement(1)))[$0] })
        #expect(
            try values(pruned, .bias(.refinement(0)))
                == Array(values(dense, .bias(.refinement(0)))[1...3]))
        // Three filters of 4 inputs, of which 0 and 3 are left.
        let output = try values(dense, .weight(.output))
        let kernels: [Int] = [0, 3, 4, 7, 8, 11]
        let left: [Float] = kernels.flatMap { (kernel: Int) -> ArraySlice<Float> in
            output[9 * kernel..<9 * kernel + 9]
        }
        #expect(try values(pruned, .weight(.output)) == left)
        #expect(
            try values(pruned, .weight(.upconvolution(1)))
                == values(dense, .weight(.upconvolution(1))))
    }

    @Test func selectionsAndFactorsOfOtherModelsAreRefused() throws {
        let dense = Variant(direction: .unidirectional, scale: 2).model(seed: 1)
        #expect(throws: VSRError.self) {
            try dense.removing(UnitSelection(removed: [.upsampler(.upconvolution(1)): [0]]))
        }
        #expect(throws: VSRError.self) {
            try dense.folding(ScalingFactors(values: [.upsampler(.upconvolution(0)): [1]]))
        }
        #expect(throws: VSRError.self) {
            try dense.folding(
                ScalingFactors(values: [.upsampler(.refinement(0)): [1, 1, 1, .nan]]))
        }
    }
}
