import Foundation
import Testing
import Torch
import VSRCore

@Suite struct ContentsTests {
    @Test func elementsComeBackAsTheyWent() throws {
        try onTorch { () throws in
            #expect(try Tensor([1.5, -2] as [Float]).floats() == [1.5, -2])
            #expect(try Tensor([0.1, 1e300] as [Double]).doubles() == [0.1, 1e300])
            #expect(try Tensor([Int64.min, .max]).integers() == [.min, .max])
            #expect(try Tensor([] as [Float]).floats() == [])
            #expect(try Tensor([] as [Float], shape: [0, 3]).shape == [0, 3])
            #expect(try Tensor([7] as [Float], shape: []).rank == 0)
        }
    }

    @Test func bytesComeBackAsTheyWent() throws {
        try onTorch {
            // bfloat16 is the upper half of a float: 0x3FC0 is 1.5, 0xC000 is −2.
            let halves: [UInt16] = [0x3FC0, 0xC000]
            let tensor = try halves.withUnsafeBytes {
                try Tensor(bytes: $0, shape: [2], dtype: .bfloat16)
            }
            #expect(try tensor.floats() == [1.5, -2])
            #expect(try tensor.bytes() == [0xC0, 0x3F, 0x00, 0xC0])
        }
    }

    @Test func typesAndLayoutsConvert() throws {
        try onTorch {
            let a = try Tensor([1.75, -1.75] as [Float])
            for dtype in [DType.float64, .bfloat16, .int64, .bool, .uint8] {
                #expect(try a.abs().to(dtype).dtype == dtype)
            }
            #expect(try a.to(.int64).integers() == [1, -1])
            let picture = try Tensor.arange(to: 24).reshaped([1, 2, 3, 4])
            let last = try picture.contiguous(.channelsLast)
            #expect(last.isContiguous(.channelsLast) && !last.isContiguous())
            #expect(try last.floats() == picture.floats())
        }
    }

    @Test func assigningOverwritesAParameterUnrecorded() throws {
        try onTorch {
            let parameter = try Tensor([1, 2] as [Float]).requireGradient()
            try parameter.assign(Tensor([5] as [Double]))
            #expect(try parameter.floats() == [5, 5])
            try parameter.square().sum().backward()
            #expect(try parameter.gradient?.floats() == [10, 10])
            try parameter.fill(0)
            #expect(try parameter.floats() == [0, 0])
        }
    }

    @Test func clonesAreApartAndViewsAreNot() throws {
        try onTorch {
            let a = try Tensor.zeros([3])
            let view = try a.sliced(1..<2, along: 0)
            let clone = try a.clone()
            try view.fill(7)
            #expect(try a.floats() == [0, 7, 0])
            #expect(try clone.floats() == [0, 0, 0])
        }
    }

    @Test func rangesAndConstants() throws {
        try onTorch { () throws in
            #expect(try Tensor.arange(from: 1, to: 2, by: 0.25).floats() == [1, 1.25, 1.5, 1.75])
            #expect(try Tensor.ones([2], dtype: .int64).integers() == [1, 1])
            #expect(try Tensor.full([2], -3).floats() == [-3, -3])
            #expect(try Tensor.ones([2, 2]).zerosLike().floats() == [0, 0, 0, 0])
        }
    }
}

@Suite struct RandomnessTests {
    /// The vectorized generator's sine and logarithm differ between instruction sets by about
    /// 2·10⁻⁷ of values up to 5.
    @Test func seededNumbersArePyTorchs() throws {
        let expected = try fixture("random", as: [String: [Float]].self)
        try onTorch {
            for (name, count) in [("short", 7), ("long", 40)] {
                let normal = try Tensor.randomNormal([count], seed: 7).floats()
                expectClose(normal, try #require(expected["normal.\(name)"]), within: 2e-6)
                let uniform = try Tensor.randomUniform([count], seed: 7).floats()
                #expect(uniform == expected["uniform.\(name)"])
            }
            try seed(11)
            expectClose(
                try Tensor.randomNormal([5]).floats(),
                try #require(expected["default.normal"]), within: 2e-6)
        }
    }

    @Test func generatorStateContinuesTheSequence() throws {
        try onTorch {
            try seed(3)
            _ = try Tensor.randomNormal([5])
            let state = try generatorState()
            let first = try Tensor.randomNormal([9]).floats()
            try setGeneratorState(state)
            #expect(try Tensor.randomNormal([9]).floats() == first)
            #expect(try Tensor.randomNormal([9]).floats() != first)
        }
    }
}
