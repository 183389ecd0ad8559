import CKernels
import Testing
import VSRCore

/// A residual block with its arrays.
struct TestBlock {
    var inputs: [Int32], middle: Int, outputs: [Int32]
    var weights1, bias1, weights2, bias2: [Float]

    init(inputs: [Int32], middle: Int, outputs: [Int32], seed: UInt64) {
        self.inputs = inputs
        self.middle = middle
        self.outputs = outputs
        weights1 = randomValues(9 * inputs.count * middle, scale: 0.2, seed: seed)
        bias1 = randomValues(middle, scale: 0.2, seed: seed + 1)
        weights2 = randomValues(9 * middle * outputs.count, scale: 0.05, seed: seed + 2)
        bias2 = randomValues(outputs.count, scale: 0.2, seed: seed + 3)
    }

    /// A block whose counts are drawn from `range` of `channels`.
    static func random(channels: Int, range: ClosedRange<Int>, seed: UInt64) -> TestBlock {
        var generator = SeededGenerator(seed: seed)
        let counts = (0..<3).map { _ in Int.random(in: range, using: &generator) }
        return TestBlock(
            inputs: someNumbers(counts[0], below: channels, seed: seed + 100),
            middle: counts[1],
            outputs: someNumbers(counts[2], below: channels, seed: seed + 101), seed: seed)
    }

    /// The block by the specification.
    func apply(to x: inout [Float], height: Int, width: Int) {
        let pixels = height * width
        let hidden = referenceConvolution(
            gathered(x, inputs, pixels: pixels), inputs: inputs.count, height: height,
            width: width, weights: weights1, bias: bias1, outputs: middle, kernel: 3, slope: 0)
        let y = referenceConvolution(
            hidden, inputs: middle, height: height, width: width, weights: weights2, bias: bias2,
            outputs: outputs.count, kernel: 3)
        for (i, channel) in outputs.enumerated() {
            for p in 0..<pixels { x[Int(channel) * pixels + p] += y[i * pixels + p] }
        }
    }

    /// Calls `body` with the block as C sees it.
    func withCBlock<Result>(_ body: (vsr_block) -> Result) -> Result {
        inputs.withUnsafeBufferPointer { inputNumbers in
            outputs.withUnsafeBufferPointer { outputNumbers in
                weights1.withUnsafeBufferPointer { w1 in
                    weights2.withUnsafeBufferPointer { w2 in
                        bias1.withUnsafeBufferPointer { b1 in
                            bias2.withUnsafeBufferPointer { b2 in
                                body(
                                    vsr_block(
                                        inputs: Int32(inputs.count), middle: Int32(middle),
                                        outputs: Int32(outputs.count),
                                        input_channels: inputNumbers.baseAddress,
                                        output_channels: outputNumbers.baseAddress,
                                        weights1: w1.baseAddress, bias1: b1.baseAddress,
                                        weights2: w2.baseAddress, bias2: b2.baseAddress))
                            }
                        }
                    }
                }
            }
        }
    }
}

extension KernelTests {
    @Suite struct TrunkTests {
        /// Packs the blocks; their arrays need not outlive the call.
        static func pack(_ blocks: [TestBlock], channels: Int) -> OpaquePointer? {
            func collect(_ rest: ArraySlice<TestBlock>, _ done: [vsr_block]) -> OpaquePointer? {
                guard let block = rest.first else {
                    return vsr_trunk_create(
                        nil, Int32(channels), Int32(done.count), done, VSR_PRECISION_FP32)
                }
                return block.withCBlock { collect(rest.dropFirst(), done + [$0]) }
            }
            return collect(blocks[...], [])
        }

        static func check(
            _ blocks: [TestBlock], channels: Int, height: Int, width: Int, bit: UInt32
        ) throws {
            let x = randomValues(channels * height * width, seed: 9)
            var expected = x
            for block in blocks where !block.outputs.isEmpty {
                block.apply(to: &expected, height: height, width: width)
            }
            var first: [Float]?
            for threads: Int32 in [1, 2, 5] {
                let pool = try Pool(threads: threads)
                try restricted(to: bit) {
                    let trunk = try #require(pack(blocks, channels: channels))
                    defer { vsr_trunk_destroy(trunk) }
                    // What another size leaves in the scratch memory must not matter.
                    let nothing = [Float](repeating: .nan, count: 4 * x.count)
                    let spoiling = try GuardedMap(
                        nothing, channels: channels, height: height, width: 4 * width, pool: pool)
                    vsr_trunk_run(pool.pointer, trunk, &spoiling.map)
                    let map = try GuardedMap(
                        x, channels: channels, height: height, width: width, pool: pool)
                    #expect(vsr_trunk_run(pool.pointer, trunk, &map.map) == VSR_OK)
                    let actual = map.planes(pool: pool)
                    let error = relativeError(actual, expected)
                    #expect(
                        error <= winogradBound(kernel: 3),
                        "\(height)×\(width), \(threads) threads, instruction set \(bit)")
                    #expect(map.surroundingsAreIntact)
                    #expect(actual == first ?? actual, "\(threads) threads give other bits")
                    first = actual
                }
            }
        }

        static let sizes = [(1, 1), (2, 3), (4, 4), (5, 7), (9, 32), (13, 65), (30, 20), (57, 33)]

        @Test(arguments: availableSets)
        func prunedBlocksAgreeWithTheSpecificationForAnyThreads(bit: UInt32) throws {
            for (height, width) in Self.sizes {
                let blocks = (0..<3).map { index in
                    TestBlock.random(channels: 11, range: 1...11, seed: UInt64(index) * 10)
                }
                try Self.check(blocks, channels: 11, height: height, width: width, bit: bit)
            }
        }

        /// Without a middle y is conv2's bias; without inputs the middle is ReLU(b1) on the frame
        /// and 0 outside, so that y differs at the border; without outputs nothing happens.
        @Test(arguments: availableSets)
        func emptyKeptSetsMeanWhatTheDenseNetworkWithZeroFactorsMeans(bit: UInt32) throws {
            let some = someNumbers(4, below: 9, seed: 1)
            let blocks = [
                TestBlock(inputs: some, middle: 0, outputs: [0, 3], seed: 1),
                TestBlock(inputs: [], middle: 5, outputs: some, seed: 2),
                TestBlock(inputs: some, middle: 6, outputs: [], seed: 3),
                TestBlock(inputs: [], middle: 0, outputs: [8], seed: 4),
                TestBlock(inputs: some, middle: 13, outputs: some, seed: 5),
            ]
            for (height, width) in Self.sizes {
                try Self.check(blocks, channels: 9, height: height, width: width, bit: bit)
            }
        }

        @Test func channelsOutOfRangeAreRefused() {
            let block = TestBlock(inputs: [0, 4], middle: 1, outputs: [0], seed: 1)
            #expect(Self.pack([block], channels: 4) == nil)
        }

        @Test func aTrunkWithoutBlocksLeavesTheMapAsItIs() throws {
            let pool = try Pool()
            let x = randomValues(2 * 3 * 5, seed: 1)
            let map = try GuardedMap(x, channels: 2, height: 3, width: 5, pool: pool)
            let trunk = try #require(Self.pack([], channels: 2))
            defer { vsr_trunk_destroy(trunk) }
            #expect(vsr_trunk_run(pool.pointer, trunk, &map.map) == VSR_OK)
            #expect(map.planes(pool: pool) == x)
        }
    }
}
