import CKernels
import Testing

extension KernelTests {
    @Suite struct WarpTests {
        /// Flow that moves neighbors together in places and apart elsewhere, with values far out,
        /// infinite and not numbers.
        static func flow(_ count: Int, scale: Float) -> [Float] {
            var flow = randomValues(count, scale: max(scale, .leastNonzeroMagnitude), seed: 31)
            for index in flow.indices {
                if index / 150 % 2 == 1 { flow[index] = 1.25 }
                if index % 211 == 5 { flow[index] = 1e9 }
                if index % 307 == 6 { flow[index] = -.infinity }
                if index % 401 == 7 { flow[index] = .nan }
            }
            return flow
        }

        /// Coordinates up to 400 carry rounding errors of 400 · 2⁻²⁴ pixels into the weights.
        static let bound = 3e-5

        static let sizes = [(1, 1), (1, 9), (9, 1), (5, 63), (5, 64), (7, 65), (9, 320), (4, 333)]

        @Test(arguments: availableSets, [0, 0.3, 5, 100] as [Float])
        func mapsMoveAsTheSpecificationSays(bit: UInt32, scale: Float) throws {
            let pool = try restricted(to: bit) { try Pool() }
            for (height, width) in Self.sizes {
                let x = randomValues(3 * height * width, seed: 30)
                let flow = Self.flow(2 * height * width, scale: scale)
                var expected = x
                vsr_reference_warp(x, 3, height, width, flow, VSR_PADDING_ZEROS, &expected)
                let source = try GuardedMap(
                    x, channels: 3, height: height, width: width, pool: pool)
                let target = try GuardedMap(channels: 3, height: height, width: width)
                #expect(vsr_warp(pool.pointer, &source.map, flow, &target.map) == VSR_OK)
                let error = relativeError(target.planes(pool: pool), expected)
                #expect(error <= Self.bound, "\(height)×\(width) by \(scale), set \(bit)")
                #expect(target.surroundingsAreIntact)
            }
        }

        /// The baseline has no fused multiply-add, so that its results differ in the last bits.
        @Test(.enabled(if: availableSets.count > 1, "there is one instruction set only"))
        func poolsKeepTheInstructionSetTheyWereMadeFor() throws {
            let height = 9, width = 320
            let x = randomValues(3 * height * width, seed: 30)
            let flow = Self.flow(2 * height * width, scale: 3)
            func warped(_ pool: Pool) throws -> [Float] {
                let source = try GuardedMap(
                    x, channels: 3, height: height, width: width, pool: pool)
                let target = try GuardedMap(channels: 3, height: height, width: width)
                #expect(vsr_warp(pool.pointer, &source.map, flow, &target.map) == VSR_OK)
                return target.planes(pool: pool)
            }
            let baseline = try restricted(to: 1) { try Pool() }
            let inside = try restricted(to: 1) { try warped(baseline) }
            #expect(try warped(baseline) == inside)
            #expect(try warped(Pool()) != inside)
        }

        @Test(arguments: [0, 0.3, 5, 100] as [Float])
        func planesMoveAsTheSpecificationSays(scale: Float) throws {
            let pool = try Pool()
            for (height, width) in Self.sizes {
                let x = randomValues(3 * height * width, seed: 30)
                let flow = Self.flow(2 * height * width, scale: scale)
                var expected = x, actual = x
                vsr_reference_warp(x, 3, height, width, flow, VSR_PADDING_BORDER, &expected)
                vsr_warp_planes(
                    pool.pointer, x, 3, Int32(height), Int32(width), flow, &actual)
                #expect(relativeError(actual, expected) <= Self.bound, "\(height)×\(width)")
            }
        }

        @Test func aMapIsNotWarpedOntoItself() throws {
            let pool = try Pool()
            let map = try GuardedMap(channels: 1, height: 2, width: 2)
            var copy = map.map
            let flow = [Float](repeating: 0, count: 8)
            #expect(vsr_warp(pool.pointer, &map.map, flow, &copy) == VSR_INVALID_ARGUMENT)
        }
    }

    @Suite struct ImageTests {
        @Test(arguments: [
            (1, 1, 5, 3), (5, 7, 1, 1), (6, 10, 12, 20), (45, 77, 64, 96), (64, 96, 45, 77),
        ])
        func resizesAsTheSpecificationSays(
            height: Int, width: Int, newHeight: Int, newWidth: Int
        ) throws {
            let pool = try Pool()
            let x = randomValues(2 * height * width, seed: 40)
            let factors: [Float] = [2, 1], offsets: [Float] = [0, 0.5]
            for align: Int32 in [0, 1] {
                let size = newHeight * newWidth
                var expected = [Float](repeating: .nan, count: 2 * size), actual = expected
                vsr_reference_resize(
                    x, 2, height, width, &expected, newHeight, newWidth, align)
                for index in expected.indices {
                    expected[index] = expected[index] * factors[index / size]
                    expected[index] += offsets[index / size]
                }
                vsr_resize_bilinear(
                    pool.pointer, x, 2, Int32(height), Int32(width), &actual, Int32(newHeight),
                    Int32(newWidth), align, factors, offsets)
                #expect(relativeError(actual, expected) <= 1e-5)
            }
        }

        @Test(arguments: [(2, 2), (5, 7), (64, 97)])
        func poolsAsTheSpecificationSays(height: Int, width: Int) throws {
            let pool = try Pool()
            let x = randomValues(2 * height * width, seed: 41)
            var expected = [Float](repeating: .nan, count: 2 * (height / 2) * (width / 2))
            var actual = expected
            vsr_reference_average_pool(x, 2, height, width, &expected)
            vsr_average_pool2(pool.pointer, x, 2, Int32(height), Int32(width), &actual)
            #expect(relativeError(actual, expected) <= 1e-6)
        }
    }
}
