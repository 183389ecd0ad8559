import CKernels
import VSRCore

extension InstructionSets {
    /// Names of all instruction sets that kernels are written for, the least capable first.
    public static let knownNames = [baseline, avx2, avx512, avx512BF16].map(\.name)

    /// Names of those that kernels may use on this processor.
    public static var availableNames: [String] { available.names }

    /// The sets that a user names, separated by commas: `avx2` or `avx2,avx512`.
    ///
    /// - Throws: `invalidArgument` listing the known names, `unsupported` where the processor has
    ///   none of those named.
    public init(names text: String) throws {
        var sets: InstructionSets = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let name = part.drop { $0 == " " }.lowercased()
            guard let position = Self.knownNames.firstIndex(of: name) else {
                throw VSRError(
                    .invalidArgument,
                    "there is no instruction set \"\(name)\": the known ones are "
                        + Self.knownNames.joined(separator: ", "))
            }
            sets.insert(InstructionSets(rawValue: 1 << UInt32(position)))
        }
        guard !sets.isDisjoint(with: .available) else {
            throw VSRError(
                .unsupported,
                "this processor has no \(sets.names.joined(separator: " and no ")): it has "
                    + Self.availableNames.joined(separator: ", "))
        }
        self = sets
    }

    /// Names of the sets in here, the least capable first.
    public var names: [String] {
        (0..<UInt32(Self.knownNames.count)).map { InstructionSets(rawValue: 1 << $0) }
            .filter { contains($0) }.map(\.name)
    }

    /// The name of a single set, as the kernels give it: `neon` is the baseline of arm64.
    var name: String { String(cString: vsr_isa_name(vsr_isa(rawValue: rawValue))) }
}
