import Testing
import Torch

/// Forward values, by hand.
@Suite struct OperationValueTests {
    @Test func arithmeticFollowsOperandOrder() throws {
        try onTorch {
            let a = try Tensor([1, 4, -2] as [Float])
            let b = try Tensor([2] as [Float])
            #expect(try (a + b).floats() == [3, 6, 0])
            #expect(try (a - b).floats() == [-1, 2, -4])
            #expect(try (a * b).floats() == [2, 8, -4])
            #expect(try (a / b).floats() == [0.5, 2, -1])
            #expect(try (8 - a).floats() == [7, 4, 10])
            #expect(try (a - 8).floats() == [-7, -4, -10])
            #expect(try (8 / a).floats() == [8, 2, -4])
            #expect(try (a / 8).floats() == [0.125, 0.5, -0.25])
            #expect(try (-a).floats() == [-1, -4, 2])
            #expect(try a.adding(b, times: 3).floats() == [7, 10, 4])
        }
    }

    @Test func functionsOfOneElement() throws {
        try onTorch {
            let a = try Tensor([-2, 0.25, 4] as [Double])
            #expect(try a.abs().doubles() == [2, 0.25, 4])
            #expect(try a.square().doubles() == [4, 0.0625, 16])
            // LibTorch takes MKL's square root where it has it, which may miss the last bit.
            let roots = [2.squareRoot(), 0.5, 2], found = try a.abs().sqrt().doubles()
            #expect(found.count == roots.count)
            #expect(zip(found, roots).allSatisfy { abs($0 - $1) <= $1.ulp })
            #expect(try a.pow(3).doubles() == [-8, 0.015625, 64])
            #expect(try a.clamped(to: -1...1).doubles() == [-1, 0.25, 1])
            #expect(try a.relu().doubles() == [0, 0.25, 4])
            #expect(try a.leakyReLU(slope: 0.5).doubles() == [-1, 0.25, 4])
            #expect(try Tensor([0] as [Double]).exp().doubles() == [1])
            #expect(try Tensor([1] as [Double]).log().doubles() == [0])
        }
    }

    @Test func comparisonsGiveTruthValues() throws {
        try onTorch {
            let a = try Tensor([1, .nan, -.infinity, 2] as [Float])
            let b = try Tensor([1, 1, 1, 3] as [Float])
            #expect(try a.isFinite().integers() == [1, 0, 0, 1])
            #expect(try a.equals(b).integers() == [1, 0, 0, 0])
            #expect(try a.isLess(than: b).integers() == [0, 0, 1, 1])
            #expect(try a.allFinite() == false)
            #expect(try b.allFinite())
            #expect(try b.choosing(where: a.isFinite(), else: b * -1).floats() == [1, -1, -1, 3])
        }
    }

    @Test func inPlaceActivationsOverwriteTheirInput() throws {
        try onTorch {
            let a = try Tensor([-2, 3] as [Float])
            #expect(try a.leakyReLUInPlace(slope: 0.5).floats() == [-1, 3])
            #expect(try a.floats() == [-1, 3])
            #expect(try a.reluInPlace().floats() == [0, 3])
            #expect(try a.floats() == [0, 3])
        }
    }

    @Test func reductionsOfATable() throws {
        try onTorch {
            let a = try Tensor([1, 2, 3, 4, 5, 9] as [Float], shape: [2, 3])
            #expect(try a.sum().item() == 24)
            #expect(try a.mean().item() == 4)
            #expect(try a.sum(along: [0]).floats() == [5, 7, 12])
            #expect(try a.mean(along: [1], keepingAxes: true).shape == [2, 1])
            #expect(try a.mean(along: [1]).floats() == [2, 6])
            #expect(try a.max().item() == 9)
            #expect(try a.min().item() == 1)
            #expect(try Tensor([3, 4] as [Float]).norm().item() == 5)
        }
    }

    @Test func viewsRearrangeElements() throws {
        try onTorch {
            let a = try Tensor.arange(to: 6).reshaped([2, 3])
            #expect(try a.permuted([1, 0]).floats() == [0, 3, 1, 4, 2, 5])
            #expect(try a.flipped(along: [1]).floats() == [2, 1, 0, 5, 4, 3])
            #expect(try a.sliced(1..<3, along: 1).floats() == [1, 2, 4, 5])
            #expect(try a.selected(1, along: 0).floats() == [3, 4, 5])
            #expect(try a.unsqueezed(0).shape == [1, 2, 3])
            #expect(try a.unsqueezed(0).squeezed(0).shape == [2, 3])
            #expect(
                try a.selected(0, along: 1).unsqueezed(1).expanded([2, 2]).floats() == [0, 0, 3, 3])
            #expect(
                try Tensor.concatenated([a, a], along: 1).floats() == [
                    0, 1, 2, 0, 1, 2, 3, 4, 5, 3, 4, 5,
                ])
            #expect(try Tensor.stacked([a, a], along: 0).shape == [2, 2, 3])
            #expect(try a.matmul(a.permuted([1, 0])).floats() == [5, 14, 14, 50])
        }
    }

    @Test func indexOperationsLeaveTheirInputAlone() throws {
        try onTorch {
            let a = try Tensor([1, 2, 3] as [Float])
            let source = try Tensor([10, 20, 30] as [Float])
            let indices = try Tensor(indices: [2, 0, 2])
            #expect(try a.indexSelected(indices, along: 0).floats() == [3, 1, 3])
            #expect(try a.indexAdded(source, at: indices, along: 0).floats() == [21, 2, 43])
            let two = try Tensor(indices: [2, 0])
            let copied = try a.indexCopied(source.sliced(0..<2, along: 0), at: two, along: 0)
            #expect(try copied.floats() == [20, 2, 10])
            #expect(try a.floats() == [1, 2, 3])
        }
    }
}
