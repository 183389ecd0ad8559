import CKernels

/// Instruction sets that the tuned kernels may use; those that the processor lacks are never used.
public struct InstructionSets: OptionSet, Sendable, Hashable {
    public var rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// What every processor of the architecture has; always permitted.
    public static let baseline = InstructionSets(VSR_ISA_BASELINE)
    /// AVX2 with FMA.
    public static let avx2 = InstructionSets(VSR_ISA_AVX2)
    /// AVX-512 F, BW, DQ and VL.
    public static let avx512 = InstructionSets(VSR_ISA_AVX512)
    /// AVX-512 with BF16.
    public static let avx512BF16 = InstructionSets(VSR_ISA_AVX512_BF16)
    public static let all = InstructionSets(rawValue: .max)

    /// What processor and operating system support.
    public static var available: InstructionSets {
        InstructionSets(rawValue: vsr_isa_available())
    }

    /// The one of these that kernels use on this processor: its best, or the baseline.
    var best: InstructionSets { InstructionSets(vsr_isa_best(rawValue)) }

    private init(_ set: vsr_isa) { self.init(rawValue: UInt32(set.rawValue)) }
}
