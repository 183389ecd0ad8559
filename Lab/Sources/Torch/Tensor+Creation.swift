import CTorch
import VSRCore

extension Tensor {
    /// A tensor of these elements, row by row; without a shape, a vector of them.
    ///
    /// - Throws: `shapeMismatch` if `shape` holds another number of elements.
    public convenience init(
        _ values: [Float], shape: [Int]? = nil, device: Device = .cpu
    ) throws {
        try self.init(elements: values, shape: shape, dtype: .float32, device: device)
    }

    public convenience init(
        _ values: [Double], shape: [Int]? = nil, device: Device = .cpu
    ) throws {
        try self.init(elements: values, shape: shape, dtype: .float64, device: device)
    }

    public convenience init(
        _ values: [Int64], shape: [Int]? = nil, device: Device = .cpu
    ) throws {
        try self.init(elements: values, shape: shape, dtype: .int64, device: device)
    }

    /// Indices, for ``indexSelected(_:along:)`` and its kin: an `int64` vector.
    public convenience init(indices: [Int], device: Device = .cpu) throws {
        try self.init(indices.map(Int64.init), device: device)
    }

    /// A tensor of raw elements, row by row, in this machine's byte order.
    ///
    /// - Throws: `shapeMismatch` if `shape` takes another number of bytes.
    public convenience init(
        bytes: UnsafeRawBufferPointer, shape: [Int], dtype: DType, device: Device = .cpu
    ) throws {
        self.init(owning: try Tensor.newHandle(bytes, shape, dtype, device))
    }

    private convenience init<Element>(
        elements: [Element], shape: [Int]?, dtype: DType, device: Device
    ) throws {
        let handle = try elements.withUnsafeBytes {
            try Tensor.newHandle($0, shape ?? [elements.count], dtype, device)
        }
        self.init(owning: handle)
    }

    private static func newHandle(
        _ bytes: UnsafeRawBufferPointer, _ shape: [Int], _ dtype: DType, _ device: Device
    ) throws -> ctorch_tensor {
        let size = shape.reduce((dtype.byteCount, false)) { product, size in
            let (value, overflow) = product.0.multipliedReportingOverflow(by: size)
            return (value, product.1 || overflow || size < 0)
        }
        guard size == (bytes.count, false) else {
            throw VSRError(
                .shapeMismatch,
                "\(bytes.count) bytes do not fill a \(dtype) tensor of shape \(shape)")
        }
        var out: ctorch_tensor?
        let status = ctorch_from_bytes(
            &out, bytes.baseAddress, bytes.count, shape, shape.count, dtype.shimValue,
            device.shimValue)
        try check(status, "tensor of shape \(shape)")
        guard let out else { throw VSRError(.invalidArgument, "no tensor of shape \(shape)") }
        return out
    }

    public static func zeros(
        _ shape: [Int], dtype: DType = .float32, device: Device = .cpu
    ) throws -> Tensor {
        try full(shape, 0, dtype: dtype, device: device)
    }

    public static func ones(
        _ shape: [Int], dtype: DType = .float32, device: Device = .cpu
    ) throws -> Tensor {
        try full(shape, 1, dtype: dtype, device: device)
    }

    /// A tensor whose elements are all `value`.
    public static func full(
        _ shape: [Int], _ value: Double, dtype: DType = .float32, device: Device = .cpu
    ) throws -> Tensor {
        try makeTensor("full") {
            ctorch_full($0, shape, shape.count, value, dtype.shimValue, device.shimValue)
        }
    }

    /// Zeros of this tensor's shape, type, device and order in memory.
    public func zerosLike() throws -> Tensor {
        try makeTensor("zerosLike") { ctorch_zeros_like($0, handle) }
    }

    /// `start`, `start + step`, … up to but not including `end`.
    public static func arange(
        from start: Double = 0, to end: Double, by step: Double = 1, dtype: DType = .float32,
        device: Device = .cpu
    ) throws -> Tensor {
        try makeTensor("arange") {
            ctorch_arange($0, start, end, step, dtype.shimValue, device.shimValue)
        }
    }

    /// Normal numbers, mean 0 and deviation 1, from the device's generator (see ``seed(_:)``).
    public static func randomNormal(
        _ shape: [Int], dtype: DType = .float32, device: Device = .cpu
    ) throws -> Tensor {
        try makeTensor("randn") {
            ctorch_randn($0, shape, shape.count, dtype.shimValue, device.shimValue)
        }
    }

    /// Normal numbers that depend on `seed` only: PyTorch's `randn` with a generator so seeded.
    public static func randomNormal(
        _ shape: [Int], seed: UInt64, dtype: DType = .float32
    ) throws -> Tensor {
        try makeTensor("randn") {
            ctorch_randn_seeded($0, shape, shape.count, dtype.shimValue, seed)
        }
    }

    /// Uniform numbers in `0..<1` from the device's generator (see ``seed(_:)``).
    public static func randomUniform(
        _ shape: [Int], dtype: DType = .float32, device: Device = .cpu
    ) throws -> Tensor {
        try makeTensor("rand") {
            ctorch_rand($0, shape, shape.count, dtype.shimValue, device.shimValue)
        }
    }

    /// Uniform numbers in `0..<1` that depend on `seed` only: PyTorch's `rand` likewise.
    public static func randomUniform(
        _ shape: [Int], seed: UInt64, dtype: DType = .float32
    ) throws -> Tensor {
        try makeTensor("rand") {
            ctorch_rand_seeded($0, shape, shape.count, dtype.shimValue, seed)
        }
    }
}
