import Foundation
import VSRCore

/// JSON as the programs write it: indented, keys sorted, so that two runs can be compared.
public enum JSONText {
    public static func text(_ value: some Encodable) throws -> String {
        String(decoding: try data(value), as: UTF8.self)
    }

    /// Writes `value` to `path`, whole or not at all.
    public static func write(_ value: some Encodable, to path: String) throws {
        try AtomicFile.write(data(value) + Data("\n".utf8), to: path)
    }

    private static func data(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        // JSON has no infinity; equal pictures have an infinite PSNR.
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        do {
            return try encoder.encode(value)
        } catch {
            throw VSRError(.invalidArgument, "the results cannot be written as JSON", cause: error)
        }
    }
}
