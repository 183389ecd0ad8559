import Foundation
import VSRCore

/// What reads the bytes that the fuzzer makes.
public struct FuzzTarget: Sendable {
    let name: String
    let read: @Sendable (UnsafeRawBufferPointer) throws -> Void
    /// Writes the valid files that the fuzzer starts from into a folder; `nil` where scripts/fuzz
    /// copies some.
    let seed: (@Sendable (String) throws -> Void)?

    /// - Parameter read: A thrown `VSRError` is the right answer to damage; a crash, a hang or a
    ///   sanitizer's report is a finding.
    public init(
        _ name: String, seed: (@Sendable (String) throws -> Void)? = nil,
        read: @escaping @Sendable (UnsafeRawBufferPointer) throws -> Void
    ) {
        self.name = name
        self.read = read
        self.seed = seed
    }

    /// A target that reads a file: one in memory, the same each time.
    public static func file(
        _ name: String, seed: (@Sendable (String) throws -> Void)? = nil,
        read: @escaping @Sendable (String) throws -> Void
    ) -> FuzzTarget {
        FuzzTarget(name, seed: seed) { bytes in
            let path = "/dev/shm/slimvsr-fuzz-\(getpid())"
            guard let file = fopen(path, "w") else { throw VSRError(.io, "cannot write \(path)") }
            fwrite(bytes.baseAddress, 1, bytes.count, file)
            fclose(file)
            try read(path)
        }
    }
}
