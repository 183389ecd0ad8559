import Testing
import VSRCore

@testable import VSRModel

@Suite struct FlowReductionTests {
    private func model() throws -> Model {
        try .initialized(
            Blueprint(
                direction: .bidirectional, width: 2, blocks: 1,
                flow: .init(widths: [2, 3, 2, 1], levels: 4)), seed: 3)
    }

    @Test func coarseLevelsStayAndFineOnesGo() throws {
        let dense = try model()
        let reduced = try dense.reducingFlow(by: 4)
        #expect(reduced.blueprint.flow.levels == 2)
        #expect(reduced.blueprint.flow.reduction == 4)
        let expected = dense.tensors.filter { key, _ in
            !key.name.hasPrefix("spynet.basic_module.2.")
                && !key.name.hasPrefix("spynet.basic_module.3.")
        }
        #expect(reduced.tensors == expected)
        #expect(dense.tensors.count - expected.count == 2 * 5 * 2)
        try reduced.validate()
        // Once more, by another factor.
        #expect(try dense.reducingFlow(by: 2).reducingFlow(by: 2) == reduced)
        #expect(try dense.reducingFlow(by: 1) == dense)
    }

    @Test func factorsThatLeaveNoLevelAreRefused() throws {
        let dense = try model()
        for factor in [0, -2, 3, 16, .min] {
            let error = #expect(throws: VSRError.self) { try dense.reducingFlow(by: factor) }
            #expect(error?.message.contains("a power of two up to 8") == true)
        }
    }

    /// Flows of one network in frames of two sizes are not the same flows.
    @Test func flowsAreToldApartByTheReduction() throws {
        var model = try model()
        let whole = model.flowFingerprint
        model.blueprint.flow.reduction = 2
        #expect(model.flowFingerprint != whole)
    }
}
