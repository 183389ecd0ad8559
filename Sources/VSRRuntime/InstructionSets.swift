import CKernels
import Foundation

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

    private init(_ set: vsr_isa) { self.init(rawValue: UInt32(set.rawValue)) }

    /// The kernels' choice is one for the process: whoever creates something under a restriction
    /// holds this lock.
    private static let lock = NSLock()

    /// Runs `body` while everything that it creates is restricted to these sets.
    func whileSelected<Result>(_ body: () throws -> Result) rethrows -> Result {
        try Self.lock.withLock {
            vsr_isa_mask(rawValue)
            defer { vsr_isa_mask(Self.all.rawValue) }
            return try body()
        }
    }
}
