import CKernels
import Testing

extension KernelTests {
    @Suite struct MapTests {
        @Test(arguments: [(1, 1, 1), (3, 2, 5), (2, 7, 64), (2, 3, 65)])
        func exportGivesBackWhatImportTook(channels: Int, height: Int, width: Int) throws {
            let pool = try Pool()
            let x = randomValues(channels * height * width, seed: 1)
            let map = try GuardedMap(
                x, channels: channels, height: height, width: width, pool: pool)
            #expect(map.planes(pool: pool) == x)
            #expect(map.surroundingsAreIntact)
            let copy = try GuardedMap(channels: channels, height: height, width: width)
            #expect(vsr_map_copy(pool.pointer, &map.map, &copy.map) == VSR_OK)
            #expect(copy.planes(pool: pool) == x)
            vsr_map_clear(pool.pointer, &map.map)
            #expect(map.planes(pool: pool).allSatisfy { $0 == 0 })
        }

        /// Row, channel, phase, tile: pixel 5 of a row is tile 1 of phase 1.
        @Test func pixelsLieWhereTheHeaderSays() throws {
            let pool = try Pool()
            let x = (0..<24).map(Float.init)
            let map = try GuardedMap(x, channels: 2, height: 2, width: 6, pool: pool)
            let at = map.map.row_stride + map.map.channel_stride + Int(map.map.phase_offset.1) + 1
            #expect(map.map.data[at] == 23)
            #expect(map.map.tiles == 16)
        }

        @Test(arguments: [(-1, 4, 4), (1, 0, 4), (1, 4, 0), (1 << 15, 1 << 15, 1 << 15)])
        func impossibleSizesAreRefused(channels: Int, height: Int, width: Int) {
            var map = vsr_map()
            let status = vsr_map_plan(&map, Int32(channels), Int32(height), Int32(width))
            #expect(status == VSR_INVALID_ARGUMENT)
        }
    }

    @Suite struct PoolTests {
        @Test(arguments: [1, 2, 7] as [Int32])
        func everyPieceIsDoneOnce(threads: Int32) throws {
            let pool = try Pool(threads: threads)
            for pieces: Int32 in [0, 1, 2, 1000] {
                // Each piece counts in its own place, so a piece done twice shows.
                var counts = [Int32](repeating: 0, count: Int(pieces))
                counts.withUnsafeMutableBufferPointer { buffer in
                    vsr_pool_for(
                        pool.pointer, pieces,
                        { context, piece, _ in
                            context?.assumingMemoryBound(to: Int32.self)[Int(piece)] += 1
                        }, buffer.baseAddress)
                }
                #expect(counts == [Int32](repeating: 1, count: Int(pieces)))
            }
        }

        @Test(arguments: [0, -1, 5000] as [Int32])
        func impossibleThreadCountsAreRefused(threads: Int32) {
            #expect(vsr_pool_create(threads) == nil)
        }
    }

    @Suite struct InstructionSetTests {
        @Test(arguments: availableSets)
        func theMaskChoosesTheBestThatItAllows(bit: UInt32) {
            restricted(to: bit) { #expect(vsr_isa_selected().rawValue == bit) }
            #expect(vsr_isa_selected().rawValue == availableSets.last)
        }

        @Test func theBaselineIsAlwaysAllowed() {
            vsr_isa_mask(0)
            defer { vsr_isa_mask(.max) }
            #expect(vsr_isa_selected() == VSR_ISA_BASELINE)
        }
    }
}
