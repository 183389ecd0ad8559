import CTorch

/// A multi-dimensional array on a CPU or GPU, able to record gradients.
///
/// A reference: two variables may hold the same elements, and views share them with their origin.
/// Operations make new tensors unless their name says otherwise. Several threads may read a tensor
/// at a time; a thread that writes one must be alone with it.
public final class Tensor: @unchecked Sendable {
    let handle: ctorch_tensor

    /// Takes ownership of a +1 handle.
    @inline(__always)
    init(owning handle: ctorch_tensor) {
        self.handle = handle
    }

    deinit {
        ctorch_free(handle)
    }

    /// Number of tensors that live in the whole process; it stays flat in a loop that leaks none.
    public static var liveCount: Int { ctorch_live_tensors() }

    /// Number of axes; 0 for a scalar.
    public var rank: Int { ctorch_rank(handle) }

    /// Size of each axis.
    public var shape: [Int] {
        let rank = rank
        return [Int](unsafeUninitializedCapacity: rank) { buffer, count in
            if let sizes = buffer.baseAddress { ctorch_shape(handle, sizes) }
            count = rank
        }
    }

    /// Number of elements.
    public var count: Int { ctorch_count(handle) }

    public var dtype: DType {
        guard let dtype = DType(ctorch_dtype_of(handle)) else {
            preconditionFailure("an operation returned elements of a type that DType lacks")
        }
        return dtype
    }

    public var device: Device { Device(ctorch_device_of(handle)) }
}

extension Tensor: CustomStringConvertible {
    /// As in `Tensor [1, 3, 64, 64] float32 on cpu`; never the elements.
    public var description: String { "Tensor \(shape) \(dtype) on \(device)" }
}
