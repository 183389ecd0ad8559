import CTorch
import VSRCore

/// How the elements of `[N, C, H, W]` lie in memory.
public enum MemoryLayout4D: Sendable {
    /// Row by row, plane after plane.
    case contiguous
    /// The channels of a pixel side by side; convolutions are often faster so.
    case channelsLast

    var shimValue: ctorch_layout {
        self == .channelsLast ? CTORCH_CHANNELS_LAST : CTORCH_CONTIGUOUS
    }
}

extension Tensor {
    /// The tensor as another type or on another device; shares elements where nothing changes.
    public func to(_ dtype: DType? = nil, device: Device? = nil) throws -> Tensor {
        let dtype = dtype?.shimValue ?? ctorch_dtype_of(handle)
        let device = device?.shimValue ?? ctorch_device_of(handle)
        return try makeTensor("to") { ctorch_to($0, handle, dtype, device) }
    }

    /// The tensor with its elements in this order in memory; shares them where they are already.
    public func contiguous(_ layout: MemoryLayout4D = .contiguous) throws -> Tensor {
        try makeTensor("contiguous") { ctorch_contiguous($0, handle, layout.shimValue) }
    }

    public func isContiguous(_ layout: MemoryLayout4D = .contiguous) -> Bool {
        ctorch_is_contiguous(handle, layout.shimValue)
    }

    /// A copy that shares no elements; gradients flow through it.
    public func clone() throws -> Tensor {
        try makeTensor("clone") { ctorch_clone($0, handle) }
    }

    /// Overwrites this tensor's elements by those of `source`, broadcast and converted.
    ///
    /// Gradients are not recorded, so parameters may be loaded by it.
    public func assign(_ source: Tensor) throws {
        try check(ctorch_assign(handle, source.handle), "assign")
    }

    /// Overwrites every element by `value`, without recording gradients.
    public func fill(_ value: Double) throws {
        try check(ctorch_fill(handle, value), "fill")
    }

    /// The value of a tensor with one element.
    ///
    /// - Throws: `invalidArgument` if it has several.
    public func item() throws -> Double {
        var value = 0.0
        try check(ctorch_item(handle, &value), "item")
        return value
    }

    /// All elements, row by row, as `Float`.
    public func floats() throws -> [Float] { try elements(.float32) }

    /// All elements, row by row, as `Double`.
    public func doubles() throws -> [Double] { try elements(.float64) }

    /// All elements, row by row, as integers; fractions are cut off.
    public func integers() throws -> [Int64] { try elements(.int64) }

    /// All elements, row by row, as bytes in this machine's order.
    public func bytes() throws -> [UInt8] {
        let dtype = dtype
        return try copy(count: count * dtype.byteCount, elementSize: 1, dtype)
    }

    /// Writes all elements, row by row and converted to `dtype`, to `buffer`.
    ///
    /// - Throws: `shapeMismatch` if `buffer` is not exactly as large as they are.
    public func copyElements(
        to buffer: UnsafeMutableRawBufferPointer, as dtype: DType
    ) throws {
        guard buffer.count == count * dtype.byteCount else {
            throw VSRError(
                .shapeMismatch,
                "a buffer of \(buffer.count) bytes for \(count * dtype.byteCount) bytes of \(self)")
        }
        try check(
            ctorch_copy_bytes(handle, buffer.baseAddress, buffer.count, dtype.shimValue),
            "copy of elements")
    }

    private func elements<Element>(_ dtype: DType) throws -> [Element] {
        try copy(count: count, elementSize: dtype.byteCount, dtype)
    }

    private func copy<Element>(count: Int, elementSize: Int, _ dtype: DType) throws -> [Element] {
        try [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
            let status = ctorch_copy_bytes(
                handle, buffer.baseAddress, count * elementSize, dtype.shimValue)
            try check(status, "copy of elements")
            initialized = count
        }
    }
}
