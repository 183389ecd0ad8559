import Testing
import Torch
import VSRCore

@Suite struct ScopeTests {
    @Test func gradientsAreRecordedOnlyWhereAsked() throws {
        try onTorch {
            let parameter = try Tensor([2] as [Float]).requireGradient()
            #expect(try parameter.square().requiresGradient)
            try withoutGradients { () throws in
                #expect(try parameter.square().requiresGradient == false)
                #expect(try withGradients { try parameter.square() }.requiresGradient)
                #expect(try parameter.square().requiresGradient == false)
            }
            #expect(try parameter.square().requiresGradient)
            #expect(try parameter.square().detached().requiresGradient == false)
        }
    }

    @Test func anErrorEndsTheScope() throws {
        try onTorch {
            let parameter = try Tensor([2] as [Float]).requireGradient()
            #expect(throws: VSRError.self) {
                try withoutGradients { throw VSRError(.cancelled, "stop") }
            }
            #expect(try parameter.square().requiresGradient)
        }
    }

    @Test func tensorsOfInferenceModeStayOutOfRecordedOperations() throws {
        try onTorch {
            let parameter = try Tensor([2] as [Float]).requireGradient()
            let made = try inInferenceMode { try parameter * 3 }
            #expect(try made.floats() == [6])
            #expect(throws: VSRError.self) { try made * parameter }
        }
    }

    @Test func autocastConvolvesInBfloat16AndGivesGradientsInFloat32() throws {
        try onTorch {
            let picture = try Tensor.randomNormal([1, 2, 4, 4], seed: 1)
            let weight = try Tensor.randomNormal([3, 2, 3, 3], seed: 2).requireGradient()
            let exact = try picture.convolved(with: weight).detached()
            let loss = try withAutocast {
                let output = try picture.convolved(with: weight)
                #expect(output.dtype == .bfloat16)
                // Inputs rounded to 8 bits: 18 products of size about 3, each off by 2⁻⁸.
                let error = try (output.to(.float32) - exact).abs().max().item()
                #expect(error > 0 && error < 18 * 3 / 256)
                return try output.to(.float32).sum()
            }
            #expect(try picture.convolved(with: weight).dtype == .float32)
            try loss.backward()
            #expect(weight.gradient?.dtype == .float32)
        }
    }

    @Test func gradientsAccumulateUntilDropped() throws {
        try onTorch {
            let x = try Tensor([1, 2, 3] as [Float]).requireGradient()
            #expect(x.gradient == nil)
            try x.square().sum().backward()
            #expect(try x.gradient?.floats() == [2, 4, 6])
            try x.square().sum().backward()
            #expect(try x.gradient?.floats() == [4, 8, 12])
            try [x].dropGradients()
            #expect(x.gradient == nil)
            try x.square().backward(from: Tensor([1, 0, 2] as [Float]))
            #expect(try x.gradient?.floats() == [2, 0, 12])
        }
    }

    @Test func gradientsOfInputsLeaveTheAccumulatedOnesAlone() throws {
        try onTorch {
            let x = try Tensor([1, 2] as [Float]).requireGradient()
            let unused = try Tensor([1] as [Float]).requireGradient()
            let found = try x.square().sum().gradients(of: [x, unused])
            #expect(try found[0]?.floats() == [2, 4])
            #expect(found[1] == nil)
            #expect(x.gradient == nil)
        }
    }
}
