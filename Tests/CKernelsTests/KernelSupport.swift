import CKernels
import Testing
import VSRCore

/// All tests of kernels: one after another, since the choice of the instruction set is global.
@Suite("Kernels", .serialized)
enum KernelTests {}

/// The instruction sets of this machine.
let availableSets: [UInt32] = (0..<4).map { UInt32(1) << $0 }.filter { bit in
    vsr_isa_available() & bit != 0
}

/// Runs `body` with nothing above the instruction set `bit`.
func restricted<Result>(to bit: UInt32, _ body: () throws -> Result) rethrows -> Result {
    vsr_isa_mask(bit | (bit - 1))
    defer { vsr_isa_mask(.max) }
    return try body()
}

/// Threads that end with the object.
final class Pool {
    let pointer: OpaquePointer

    init(threads: Int32 = 2) throws {
        pointer = try #require(vsr_pool_create(threads))
    }

    deinit { vsr_pool_destroy(pointer) }
}

/// A map in memory of the test's own: between guards, and off alignment if asked.
final class GuardedMap {
    static let guardFloats = 64
    static let guardValue: Float = 1234.5

    var map = vsr_map()
    private let memory: UnsafeMutableBufferPointer<Float>
    private let start: Int

    /// - Parameter misalignment: Floats by which rows miss a multiple of 64 bytes.
    init(channels: Int, height: Int, width: Int, misalignment: Int = 0) throws {
        let status = vsr_map_plan(&map, Int32(channels), Int32(height), Int32(width))
        try #require(status == VSR_OK)
        let count = map.bytes / MemoryLayout<Float>.size
        let raw = UnsafeMutableRawBufferPointer.allocate(
            byteCount: (count + 2 * Self.guardFloats + misalignment) * MemoryLayout<Float>.size,
            alignment: 64)
        memory = raw.bindMemory(to: Float.self)
        memory.initialize(repeating: 0)
        start = Self.guardFloats + misalignment
        for index in 0..<start { memory[index] = Self.guardValue }
        for index in (start + count)..<memory.count { memory[index] = Self.guardValue }
        let base = try #require(memory.baseAddress)
        map.data = base + start + map.row_stride
    }

    deinit { memory.deallocate() }

    convenience init(
        _ planes: [Float], channels: Int, height: Int, width: Int, pool: Pool,
        misalignment: Int = 0
    ) throws {
        try self.init(
            channels: channels, height: height, width: width, misalignment: misalignment)
        vsr_map_import(
            pool.pointer, planes, height * width, width, &map, 0, Int32(channels))
    }

    func planes(pool: Pool) -> [Float] {
        let height = Int(map.height), width = Int(map.width)
        var result = [Float](repeating: .nan, count: Int(map.channels) * height * width)
        vsr_map_export(
            pool.pointer, &map, 0, map.channels, &result, height * width, width)
        return result
    }

    /// Whether the guards are untouched and all that is no pixel is zero.
    var surroundingsAreIntact: Bool {
        let count = map.bytes / MemoryLayout<Float>.size
        var expected = [Float](repeating: Self.guardValue, count: memory.count)
        for index in start..<(start + count) { expected[index] = 0 }
        let offsets = [
            map.phase_offset.0, map.phase_offset.1, map.phase_offset.2, map.phase_offset.3,
        ].map(Int.init)
        for y in 0..<Int(map.height) {
            for channel in 0..<Int(map.channels) {
                for x in 0..<Int(map.width) {
                    let index =
                        start + (y + 1) * map.row_stride + channel * map.channel_stride
                        + offsets[x % 4] + x / 4
                    expected[index] = memory[index]
                }
            }
        }
        return expected.elementsEqual(memory) { $0.bitPattern == $1.bitPattern || $0 == $1 }
    }
}

/// `count` values evenly drawn from −scale ..< scale.
func randomValues(_ count: Int, scale: Float = 1, seed: UInt64) -> [Float] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { _ in Float.random(in: -scale..<scale, using: &generator) }
}

/// `count` of the numbers below `limit`, ascending.
func someNumbers(_ count: Int, below limit: Int, seed: UInt64) -> [Int32] {
    var generator = SeededGenerator(seed: seed)
    return (0..<Int32(limit)).shuffled(using: &generator).prefix(count).sorted()
}

/// ‖a − b‖₂ / ‖b‖₂, infinite if something is not finite.
func relativeError(_ a: [Float], _ b: [Float]) -> Double {
    guard a.count == b.count, a.allSatisfy(\.isFinite) else { return .infinity }
    var difference = 0.0, norm = 0.0
    for (x, y) in zip(a, b) {
        difference += (Double(x) - Double(y)) * (Double(x) - Double(y))
        norm += Double(y) * Double(y)
    }
    return (norm > 0 ? difference / norm : difference).squareRoot()
}

/// The channels `numbers` of planes of `pixels` pixels.
func gathered(_ planes: [Float], _ numbers: [Int32], pixels: Int) -> [Float] {
    numbers.flatMap { planes[(Int($0) * pixels)..<((Int($0) + 1) * pixels)] }
}

/// The specification's convolution followed by LeakyReLU.
func referenceConvolution(
    _ x: [Float], inputs: Int, height: Int, width: Int, weights: [Float], bias: [Float],
    outputs: Int, kernel: Int, slope: Float = 1
) -> [Float] {
    var y = [Float](repeating: 0, count: outputs * height * width)
    vsr_reference_convolution(
        x, inputs, height, width, weights, bias, outputs, kernel, &y)
    vsr_reference_leaky_relu(&y, y.count, slope)
    return y
}

/// Bounds on the relative error of Winograd's transforms in fp32, by kernel size: twice the error
/// that `scripts/reference/winograd_error.py` simulates for 64 channels, and more for chains of 3×3.
///
/// A single wrong weight or pixel gives more than 1e-4.
func winogradBound(kernel: Int) -> Double { kernel == 7 ? 3.3e-5 : 4e-6 }
