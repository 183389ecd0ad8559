import CKernels
import Testing

/// An upsampler with its arrays.
struct TestUpsampler {
    var scale: Int, hidden: Int, fused: Int, first: Int, second: Int, refined: Int
    var slope: Float = 0.1

    /// Inputs, filters and kernel size of fusion, upconv1, upconv2, conv_hr and conv_last.
    var shapes: [(inputs: Int, outputs: Int, kernel: Int)] {
        [
            (hidden, fused, 1), (fused, 4 * first, 3), (first, scale == 4 ? 4 * second : 0, 3),
            (scale == 4 ? second : first, refined, 3), (refined, 3, 3),
        ]
    }

    func weights(_ index: Int) -> [Float] {
        let shape = shapes[index]
        let count = shape.inputs * shape.outputs * shape.kernel * shape.kernel
        return randomValues(count, scale: 0.3, seed: UInt64(index) + 1)
    }

    func bias(_ index: Int) -> [Float] {
        randomValues(shapes[index].outputs, scale: 0.2, seed: UInt64(index) + 11)
    }

    /// By the specification: [3, scale · height, scale · width].
    func apply(_ x: [Float], frame: [Float], height: Int, width: Int) -> [Float] {
        var x = x, height = height, width = width
        for (index, shape) in shapes.enumerated() where index != 2 || scale == 4 {
            x = referenceConvolution(
                x, inputs: shape.inputs, height: height, width: width, weights: weights(index),
                bias: bias(index), outputs: shape.outputs, kernel: shape.kernel,
                slope: index == 4 ? 1 : slope)
            guard index == 1 || index == 2 else { continue }
            var shuffled = x
            vsr_reference_pixel_shuffle(x, shape.outputs / 4, height, width, &shuffled)
            (x, height, width) = (shuffled, 2 * height, 2 * width)
        }
        var base = x
        vsr_reference_resize(
            frame, 3, height / scale, width / scale, &base, height, width, 0)
        return zip(x, base).map { $0 + $1 }
    }

    /// Packed for the instruction set selected; the arrays are freed.
    func pack() -> OpaquePointer? {
        func pack(_ index: Int, _ arrays: [UnsafePointer<Float>?]) -> OpaquePointer? {
            guard index == 5 else {
                return weights(index).withUnsafeBufferPointer { w in
                    bias(index).withUnsafeBufferPointer { b in
                        pack(index + 1, arrays + [w.baseAddress, b.baseAddress])
                    }
                }
            }
            var description = vsr_upsampler_weights(
                scale: Int32(scale), hidden: Int32(hidden), fused: Int32(fused),
                first: Int32(first), second: Int32(second), refined: Int32(refined), slope: slope,
                fusion_weights: arrays[0], fusion_bias: arrays[1], upconv1_weights: arrays[2],
                upconv1_bias: arrays[3], upconv2_weights: arrays[4], upconv2_bias: arrays[5],
                conv_hr_weights: arrays[6], conv_hr_bias: arrays[7],
                conv_last_weights: arrays[8], conv_last_bias: arrays[9])
            return vsr_upsampler_create(nil, &description, VSR_PRECISION_FP32)
        }
        return pack(0, [])
    }
}

extension KernelTests {
    @Suite struct UpsamplerTests {
        /// Runs the upsampler on two maps that share the hidden channels; floats and bytes.
        static func run(
            _ upsampler: TestUpsampler, hidden: [Float], frame: [Float], height: Int, width: Int,
            threads: Int32
        ) throws -> (floats: [Float], bytes: [UInt8]) {
            let pool = try Pool(threads: threads)
            let packed = try #require(upsampler.pack())
            defer { vsr_upsampler_destroy(packed) }
            let pixels = height * width, half = upsampler.hidden / 2
            let a = try GuardedMap(
                Array(hidden[..<(half * pixels)]), channels: half, height: height, width: width,
                pool: pool)
            let b = try GuardedMap(
                Array(hidden[(half * pixels)...]), channels: upsampler.hidden - half,
                height: height, width: width, pool: pool)
            let s = upsampler.scale, count = 3 * s * s * pixels
            // Guards around the output.
            var floats = [Float](repeating: -7, count: count + 16)
            var bytes = [UInt8](repeating: 77, count: count + 16)
            let statuses = withUnsafePointer(to: a.map) { a in
                withUnsafePointer(to: b.map) { b in
                    floats.withUnsafeMutableBufferPointer { floats in
                        bytes.withUnsafeMutableBufferPointer { bytes in
                            let outputs = [
                                vsr_image_output(
                                    floats: floats.baseAddress.map { $0 + 8 }, bytes: nil,
                                    plane_stride: s * s * pixels, row_stride: s * width),
                                vsr_image_output(
                                    floats: nil, bytes: bytes.baseAddress.map { $0 + 8 },
                                    plane_stride: s * s * pixels, row_stride: s * width),
                            ]
                            return outputs.map {
                                vsr_upsample_strips(
                                    pool.pointer, packed, [a, b], 2, frame, $0)
                            }
                        }
                    }
                }
            }
            #expect(statuses == [VSR_OK, VSR_OK])
            #expect((floats.prefix(8) + floats.suffix(8)).allSatisfy { $0 == -7 })
            #expect((bytes.prefix(8) + bytes.suffix(8)).allSatisfy { $0 == 77 })
            return (Array(floats[8..<(count + 8)]), Array(bytes[8..<(count + 8)]))
        }

        static func check(
            _ upsampler: TestUpsampler, height: Int, width: Int, bit: UInt32
        ) throws {
            let hidden = randomValues(upsampler.hidden * height * width, seed: 21)
            let frame = randomValues(3 * height * width, seed: 22)
            let expected = upsampler.apply(hidden, frame: frame, height: height, width: width)
            var first: [Float]?
            for threads: Int32 in [1, 2, 5] {
                let (floats, bytes) = try restricted(to: bit) {
                    try run(
                        upsampler, hidden: hidden, frame: frame, height: height, width: width,
                        threads: threads)
                }
                #expect(
                    relativeError(floats, expected) <= winogradBound(kernel: 3),
                    "\(upsampler) \(height)×\(width), instruction set \(bit)")
                #expect(floats == first ?? floats, "\(threads) threads give other bits")
                let rounded = zip(floats, bytes).allSatisfy { value, byte in
                    abs(min(max(value, 0), 1) * 255 - Float(byte)) <= 0.5
                }
                #expect(rounded)
                first = floats
            }
        }

        static let sizes = [(1, 1), (2, 3), (5, 4), (7, 17), (13, 33), (9, 70), (81, 6)]

        @Test(arguments: availableSets)
        func fourfoldAgreesWithTheSpecificationForAnySizeAndThreads(bit: UInt32) throws {
            let upsampler = TestUpsampler(
                scale: 4, hidden: 6, fused: 5, first: 3, second: 4, refined: 7)
            for (height, width) in Self.sizes {
                try Self.check(upsampler, height: height, width: width, bit: bit)
            }
        }

        @Test(arguments: availableSets)
        func twofoldAgreesWithTheSpecificationForAnySizeAndThreads(bit: UInt32) throws {
            let upsampler = TestUpsampler(
                scale: 2, hidden: 3, fused: 4, first: 5, second: 0, refined: 3, slope: 0)
            for (height, width) in Self.sizes {
                try Self.check(upsampler, height: height, width: width, bit: bit)
            }
        }

        @Test(arguments: availableSets)
        func anEmptyLayerLeavesTheNextOneItsBias(bit: UInt32) throws {
            for (first, second, refined) in [(0, 3, 3), (3, 0, 3), (3, 3, 0)] {
                let upsampler = TestUpsampler(
                    scale: 4, hidden: 2, fused: 2, first: first, second: second, refined: refined)
                try Self.check(upsampler, height: 6, width: 9, bit: bit)
            }
        }

        @Test func mapsThatDoNotFitAreRefused() throws {
            let pool = try Pool()
            let upsampler = TestUpsampler(
                scale: 2, hidden: 3, fused: 1, first: 1, second: 0, refined: 1)
            let packed = try #require(upsampler.pack())
            defer { vsr_upsampler_destroy(packed) }
            let map = try GuardedMap(channels: 2, height: 2, width: 2)
            var output = [Float](repeating: 0, count: 48)
            let status = output.withUnsafeMutableBufferPointer { buffer in
                withUnsafePointer(to: map.map) { map in
                    vsr_upsample_strips(
                        pool.pointer, packed, [map], 1, [Float](repeating: 0, count: 12),
                        vsr_image_output(
                            floats: buffer.baseAddress, bytes: nil, plane_stride: 16,
                            row_stride: 4))
                }
            }
            #expect(status == VSR_INVALID_ARGUMENT)
        }
    }
}
