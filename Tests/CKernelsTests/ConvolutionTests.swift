import CKernels
import Testing
import VSRCore

extension KernelTests {
    @Suite struct ConvolutionTests {
        struct Case {
            var kernel = 3, inputs = 5, outputs = 6, height = 6, width = 9
            var slope: Float = 0.1
            var adds = false
            var misalignment = 0
            var inputScale: Float = 1
            var precision = VSR_PRECISION_FP32
            /// `nil` for that of fp32.
            var bound: Double?
        }

        /// Runs `c` on a gather of channels into a scatter of channels, beside channels that must
        /// stay as they are.
        static func check(_ c: Case, bit: UInt32, pool: Pool) throws {
            let pixels = c.height * c.width, spare = 3
            let x = randomValues((c.inputs + spare) * pixels, scale: c.inputScale, seed: 1)
            let before = randomValues((c.outputs + spare) * pixels, seed: 2)
            let weights = randomValues(
                c.outputs * c.inputs * c.kernel * c.kernel, scale: 0.1, seed: 3)
            let bias = randomValues(c.outputs, seed: 4)
            let from = someNumbers(c.inputs, below: c.inputs + spare, seed: 5)
            let to = someNumbers(c.outputs, below: c.outputs + spare, seed: 6)

            let result = referenceConvolution(
                gathered(x, from, pixels: pixels), inputs: c.inputs, height: c.height,
                width: c.width, weights: weights, bias: bias, outputs: c.outputs,
                kernel: c.kernel, slope: c.adds ? 1 : c.slope)
            var expected = before
            for (i, channel) in to.enumerated() {
                for p in 0..<pixels {
                    let old = c.adds ? before[Int(channel) * pixels + p] : 0
                    expected[Int(channel) * pixels + p] = old + result[i * pixels + p]
                }
            }

            let conv = try #require(
                vsr_conv_create(
                    pool.pointer, Int32(c.kernel), Int32(c.inputs), Int32(c.outputs), weights, bias,
                    c.precision))
            defer { vsr_conv_destroy(conv) }
            let source = try GuardedMap(
                x, channels: c.inputs + spare, height: c.height, width: c.width, pool: pool,
                misalignment: c.misalignment)
            let target = try GuardedMap(
                before, channels: c.outputs + spare, height: c.height, width: c.width, pool: pool,
                misalignment: c.misalignment)
            let half = c.inputs / 2
            let status = from.withUnsafeBufferPointer { numbers in
                withUnsafePointer(to: source.map) { map in
                    let sources = [
                        vsr_source(map: map, channels: numbers.baseAddress, count: Int32(half)),
                        vsr_source(
                            map: map, channels: numbers.baseAddress.map { $0 + half },
                            count: Int32(c.inputs - half)),
                    ]
                    return vsr_conv_run(
                        pool.pointer, conv, sources, 2, &target.map, to,
                        c.adds ? VSR_ADD : VSR_STORE, c.slope)
                }
            }
            #expect(status == VSR_OK)
            let error = relativeError(target.planes(pool: pool), expected)
            let bound = c.bound ?? winogradBound(kernel: c.kernel)
            #expect(error <= bound, "\(c) with instruction set \(bit)")
            #expect(target.surroundingsAreIntact, "\(c) with instruction set \(bit)")
            #expect(source.surroundingsAreIntact)
        }

        static func check(_ cases: [Case], bit: UInt32) throws {
            let pool = try Pool()
            try restricted(to: bit) {
                for c in cases { try check(c, bit: bit, pool: pool) }
            }
        }

        @Test(arguments: availableSets, [1, 3, 7])
        func widthsAroundVectorsAgreeWithTheSpecification(bit: UInt32, kernel: Int) throws {
            let widths = [1, 2, 3, 4, 5, 15, 16, 17, 63, 64, 65, 127, 129, 333]
            try Self.check(
                widths.flatMap { width in
                    [
                        Case(kernel: kernel, width: width),
                        Case(kernel: kernel, width: width, adds: true),
                    ]
                }, bit: bit)
        }

        @Test(arguments: availableSets, [1, 3, 7])
        func heightsAroundTilesAgreeWithTheSpecification(bit: UInt32, kernel: Int) throws {
            try Self.check(
                [1, 2, 3, 4, 5, 7, 8, 9].map { Case(kernel: kernel, height: $0, slope: 0) },
                bit: bit)
        }

        @Test(arguments: availableSets, [1, 3, 7])
        func anyChannelCountsAgreeWithTheSpecification(bit: UInt32, kernel: Int) throws {
            let counts = [0, 1, 2, 4, 5, 6, 11, 12, 13, 29]
            try Self.check(
                counts.flatMap { count in
                    [
                        Case(kernel: kernel, inputs: count, outputs: 3),
                        Case(kernel: kernel, inputs: 2, outputs: count, adds: true),
                        Case(kernel: kernel, inputs: count, outputs: 29 - count, slope: 1),
                    ]
                }, bit: bit)
        }

        @Test(arguments: availableSets, [1, 3, 7])
        func rowsNeedNoAlignment(bit: UInt32, kernel: Int) throws {
            try Self.check(
                [1, 3, 7].map { Case(kernel: kernel, width: 70, misalignment: $0) }, bit: bit)
        }

        /// Every product of the same sign and size: the largest sums the transforms can meet.
        @Test(arguments: availableSets, [1, 3, 7])
        func hugeValuesStayWithinTheBound(bit: UInt32, kernel: Int) throws {
            try Self.check(
                [Case(kernel: kernel, inputs: 20, slope: 1, inputScale: 1e30)], bit: bit)
        }

        /// bf16 numbers are off by up to 2⁻⁹ of their size, which the transforms enlarge about six
        /// times; sums of an odd number of channels have a partner of zeros.
        @Test(
            .enabled(if: availableSets.contains(VSR_ISA_AVX512_BF16.rawValue)),
            arguments: [0, 1, 2, 5, 12])
        func bf16ProductsStayWithinTheirRounding(inputs: Int) throws {
            try Self.check(
                [1, 64, 70].map {
                    Case(
                        inputs: inputs, width: $0, precision: VSR_PRECISION_BF16, bound: 0.05)
                }, bit: VSR_ISA_AVX512_BF16.rawValue)
        }

        @Test(arguments: [(-1, 3, 3), (3, -1, 3), (3, 3, 5), (3, 3, 0), (1 << 20, 3, 3)])
        func impossibleSizesAreRefused(inputs: Int, outputs: Int, kernel: Int) {
            let conv = vsr_conv_create(
                nil, Int32(kernel), Int32(inputs), Int32(outputs), [], [], VSR_PRECISION_FP32)
            #expect(conv == nil)
        }

        @Test func channelsOutOfRangeAreRefused() throws {
            let pool = try Pool()
            let weights = randomValues(9, seed: 1)
            let conv = try #require(vsr_conv_create(nil, 3, 1, 1, weights, [0], VSR_PRECISION_FP32))
            defer { vsr_conv_destroy(conv) }
            let source = try GuardedMap(channels: 2, height: 4, width: 4)
            let target = try GuardedMap(channels: 2, height: 4, width: 4)
            let statuses = ([[2], [-1], [1]] as [[Int32]]).map { channels in
                channels.withUnsafeBufferPointer { numbers in
                    withUnsafePointer(to: source.map) { map in
                        let sources = [
                            vsr_source(map: map, channels: numbers.baseAddress, count: 1)
                        ]
                        return vsr_conv_run(
                            pool.pointer, conv, sources, 1, &target.map, channels, VSR_STORE, 1)
                    }
                }
            }
            #expect(statuses == [VSR_INVALID_ARGUMENT, VSR_INVALID_ARGUMENT, VSR_OK])
        }
    }
}
