import CTorch
import VSRCore

/// Where a tensor's elements are and where its operations run.
public enum Device: Sendable, Hashable, CustomStringConvertible {
    case cpu
    /// An NVIDIA GPU by its index. Call ``Device/load()`` once before using one.
    case cuda(Int)

    /// Reads `cpu`, `cuda` or `cuda:1`.
    ///
    /// - Throws: `invalidArgument` for anything else.
    public init(parsing text: String) throws {
        if text == "cpu" {
            self = .cpu
        } else if text == "cuda" {
            self = .cuda(0)
        } else if text.hasPrefix("cuda:"), let index = Int(text.dropFirst(5)), index >= 0,
            index <= Int(Int8.max)
        {
            self = .cuda(index)
        } else {
            throw VSRError(
                .invalidArgument, "the device must be cpu, cuda or cuda:INDEX, not \"\(text)\"")
        }
    }

    /// `cpu`, `cuda:0`.
    public var description: String {
        switch self {
        case .cpu: "cpu"
        case .cuda(let index): "cuda:\(index)"
        }
    }

    /// Makes the device usable: for a GPU, opens LibTorch's CUDA library and checks the index.
    ///
    /// Must come before the program's first tensor, because LibTorch looks for CUDA only once.
    ///
    /// - Throws: `unsupported` if this LibTorch has no CUDA or there is no such GPU.
    public func load() throws {
        guard case .cuda(let index) = self else { return }
        try check(ctorch_load_cuda(), "device \(self)")
        guard index < Device.gpuCount else {
            throw VSRError(
                .unsupported,
                "there is no device \(self): this machine shows \(Device.gpuCount) GPUs, from 0")
        }
    }

    /// Number of GPUs; 0 until one was loaded.
    public static var gpuCount: Int { ctorch_cuda_device_count() }

    /// Whether the device has instructions for bfloat16.
    ///
    /// Every GPU does, and so do CPUs with AVX-512 BF16, AMX or Armv8.6. On other CPUs convolutions
    /// in bfloat16 take about twenty times as long as in single precision.
    public var hasBFloat16: Bool { self == .cpu ? ctorch_cpu_has_bfloat16() : true }

    /// Waits until everything queued on the device is done.
    public func synchronize() throws {
        try check(ctorch_synchronize(shimValue), "synchronize \(self)")
    }

    var shimValue: ctorch_device {
        switch self {
        case .cpu: ctorch_device(kind: CTORCH_CPU, index: 0)
        case .cuda(let index): ctorch_device(kind: CTORCH_CUDA, index: Int32(clamping: index))
        }
    }

    init(_ value: ctorch_device) {
        self = value.kind == CTORCH_CUDA ? .cuda(Int(value.index)) : .cpu
    }
}
