import CKernels
import Foundation
import VSRCore
import VSRModel

/// - Throws: `outOfMemory` or `invalidArgument` naming `work`.
func check(_ status: vsr_status, _ work: @autoclosure () -> String) throws {
    switch status {
    case VSR_OK: return
    case VSR_OUT_OF_MEMORY:
        throw VSRError(
            .outOfMemory, "not enough memory for \(work()): use smaller frames or a shorter window")
    default:
        throw VSRError(.invalidArgument, "sizes or channels do not fit together in \(work())")
    }
}

/// Threads with their scratch memory, and what they may compute with.
final class KernelPool {
    let pointer: OpaquePointer
    /// Everything that is packed by this pool is packed for the best of them.
    let instructionSets: InstructionSets

    init(threads: Int, instructionSets: InstructionSets) throws {
        self.instructionSets = instructionSets
        guard let pointer = vsr_pool_create(Int32(threads), instructionSets.rawValue) else {
            throw VSRError(.outOfMemory, "cannot start \(threads) threads: ask for fewer")
        }
        self.pointer = pointer
    }

    deinit { vsr_pool_destroy(pointer) }

    var threads: Int { Int(vsr_pool_threads(pointer)) }
}

/// A feature map in the kernels' layout, zero at first.
final class KernelMap {
    let pointer: UnsafeMutablePointer<vsr_map>
    let channels: Int
    let size: FrameSize

    init(channels: Int, size: FrameSize) throws {
        self.channels = channels
        self.size = size
        pointer = .allocate(capacity: 1)
        pointer.initialize(to: vsr_map())
        let status = vsr_map_create(
            pointer, Int32(channels), Int32(size.height), Int32(size.width))
        if status != VSR_OK { pointer.pointee = vsr_map() }
        try check(status, "a map of \(channels) channels for frames of \(size)")
    }

    deinit {
        if pointer.pointee.allocation != nil { vsr_map_destroy(pointer) }
        pointer.deallocate()
    }

    var bytes: Int { pointer.pointee.bytes }

    func clear(_ pool: KernelPool) { vsr_map_clear(pool.pointer, pointer) }

    /// Copies `count` dense planes into the channels from `first` on.
    func load(
        _ planes: UnsafePointer<Float>, count: Int, at first: Int, _ pool: KernelPool
    ) throws {
        try check(
            vsr_map_import(
                pool.pointer, planes, size.area, size.width, pointer, Int32(first), Int32(count)),
            "loading \(count) planes")
    }

    /// Copies `count` channels from `first` on to dense planes.
    func store(
        _ count: Int, from first: Int, to planes: UnsafeMutablePointer<Float>, _ pool: KernelPool
    ) throws {
        try check(
            vsr_map_export(
                pool.pointer, pointer, Int32(first), Int32(count), planes, size.area, size.width),
            "storing \(count) planes")
    }

    /// Copies the pixels of `area` from a map of the same shape.
    func copy(_ area: PixelArea, of source: KernelMap, _ pool: KernelPool) throws {
        let rectangle = vsr_rectangle(
            left: Int32(area.left), right: Int32(area.right), top: Int32(area.top),
            bottom: Int32(area.bottom))
        try check(
            vsr_map_copy_area(pool.pointer, source.pointer, pointer, rectangle),
            "copying a part of a map")
    }

    /// Moves each pixel towards that of `source` by the share in the one channel of `shares`.
    func blend(_ source: KernelMap, by shares: KernelMap, _ pool: KernelPool) throws {
        try check(
            vsr_map_blend(pool.pointer, source.pointer, shares.pointer, pointer),
            "blending two maps")
    }

    /// The mean square of every `rowStep`-th row's values.
    func meanSquare(rowStep: Int) throws -> Double {
        var result = 0.0
        try check(
            vsr_map_mean_square(pointer, Int32(rowStep), &result), "measuring a map")
        return result
    }

    /// The first `count` channels as a convolution's input.
    func source(_ count: Int) -> vsr_source {
        vsr_source(map: UnsafePointer(pointer), channels: nil, count: Int32(count))
    }
}

/// Dense floats, zero at first.
final class FloatBuffer {
    let base: UnsafeMutablePointer<Float>
    let count: Int

    var bytes: Int { count * MemoryLayout<Float>.stride }

    init(count: Int) throws {
        guard
            let memory = calloc(max(1, count), MemoryLayout<Float>.stride)?
                .bindMemory(to: Float.self, capacity: count)
        else { throw VSRError(.outOfMemory, "not enough memory for planes of \(count) pixels") }
        self.count = count
        base = memory
    }

    deinit { free(base) }
}

/// A convolution's packed weights, and the activation after it.
final class PackedConvolution: @unchecked Sendable {
    let role: Layer.Role
    let name: String
    let inputs: Int
    let outputs: Int
    private let slope: Float
    let pointer: OpaquePointer

    init(
        _ layer: Layer, of model: Model, precision: vsr_precision, by pool: KernelPool
    ) throws {
        role = layer.role
        name = layer.name
        inputs = layer.inputs
        outputs = layer.outputs
        slope = try layer.kernelSlope()
        let weight = try model.weight(of: layer).values
        let bias = try model.bias(of: layer).values
        let pointer = withExtendedLifetime(pool) {
            vsr_conv_create(
                pool.pointer, Int32(layer.kernelSize), Int32(layer.inputs), Int32(layer.outputs),
                weight, bias, precision, pool.instructionSets.rawValue)
        }
        guard let pointer else {
            throw VSRError(.outOfMemory, "not enough memory for the weights of \(layer.name)")
        }
        self.pointer = pointer
    }

    deinit { vsr_conv_destroy(pointer) }

    func run(
        _ pool: KernelPool, _ sources: UnsafePointer<vsr_source>, count: Int,
        into output: KernelMap, channels: UnsafePointer<Int32>? = nil,
        mode: vsr_output_mode = VSR_STORE
    ) throws {
        try check(
            vsr_conv_run(
                pool.pointer, pointer, sources, Int32(count), output.pointer, channels, mode, slope),
            name)
    }
}

/// Arrays that live as long as this object, for C functions that take structures of pointers.
final class PointerArena {
    private var floats: [UnsafeMutablePointer<Float>] = []
    private var integers: [UnsafeMutablePointer<Int32>] = []

    func copy(_ values: [Float]) -> UnsafePointer<Float> {
        let pointer = UnsafeMutablePointer<Float>.allocate(capacity: max(1, values.count))
        pointer.initialize(from: values, count: values.count)
        floats.append(pointer)
        return UnsafePointer(pointer)
    }

    func copy(_ values: [Int]) -> UnsafePointer<Int32> {
        let pointer = UnsafeMutablePointer<Int32>.allocate(capacity: max(1, values.count))
        pointer.initialize(from: values.map(Int32.init), count: values.count)
        integers.append(pointer)
        return UnsafePointer(pointer)
    }

    deinit {
        floats.forEach { $0.deallocate() }
        integers.forEach { $0.deallocate() }
    }
}
