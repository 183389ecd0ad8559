import CKernels
import Testing

/// That Swift sees the kernels as they are: what they compute is checked by the harness in
/// `Benchmarks/kernels`, for every instruction set and under sanitizers (`make test` runs it).
@Suite struct CallingFromSwiftTests {
    /// A 1×1 convolution of weight 2 and bias 1, by hand: 2x + 1, and ReLU of it.
    @Test func aConvolutionComputesWhatIsComputedByHand() throws {
        let pool = try #require(vsr_pool_create(2, UInt32.max))
        defer { vsr_pool_destroy(pool) }
        let conv = try #require(
            vsr_conv_create(pool, 1, 1, 1, [2], [1], VSR_PRECISION_FP32, UInt32.max))
        defer { vsr_conv_destroy(conv) }
        var input = vsr_map(), output = vsr_map()
        #expect(vsr_map_create(&input, 1, 2, 3) == VSR_OK)
        defer { vsr_map_destroy(&input) }
        #expect(vsr_map_create(&output, 1, 2, 3) == VSR_OK)
        defer { vsr_map_destroy(&output) }
        #expect(vsr_map_import(pool, [-2, -0.5, 0, 1, 2, 3], 6, 3, &input, 0, 1) == VSR_OK)
        let status = withUnsafePointer(to: input) { map in
            vsr_conv_run(
                pool, conv, [vsr_source(map: map, channels: nil, count: 1)], 1, &output, nil,
                VSR_STORE, 0)
        }
        #expect(status == VSR_OK)
        var result = [Float](repeating: .nan, count: 6)
        #expect(vsr_map_export(pool, &output, 0, 1, &result, 6, 3) == VSR_OK)
        #expect(result == [0, 0, 1, 3, 5, 7])
    }

    @Test func nothingBeyondWhatIsPermittedIsUsed() {
        #expect(vsr_isa_best(VSR_ISA_BASELINE.rawValue) == VSR_ISA_BASELINE)
        #expect(vsr_isa_best(.max).rawValue <= vsr_isa_available())
    }

    /// The specification is part of the module: the reference executor calls it from Swift.
    @Test func theSpecificationSumsThreeRowsOfOnes() {
        var output = [Float](repeating: 0, count: 3)
        vsr_reference_convolution(
            [1, 1, 1], 1, 1, 3, [Float](repeating: 1, count: 9), [0], 1, 3, &output)
        #expect(output == [2, 3, 2])
    }
}
