import Foundation

/// JSON as this package writes it: keys sorted and slashes unescaped, so that equal values give
/// equal text and two files can be compared line by line.
public enum JSONText {
    public enum Layout: Sendable {
        /// On one line.
        case compact
        /// Indented, one member per line.
        case pretty
    }

    /// The text without a line break at its end, for printing or to be part of a file.
    ///
    /// JSON has no infinity, but equal pictures have an infinite PSNR: numbers that are not finite
    /// become the texts `inf`, `-inf` and `nan`.
    ///
    /// - Throws: `invalidArgument` where `value` refuses to be encoded.
    public static func text(
        _ value: some Encodable, _ layout: Layout = .pretty
    ) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if layout == .pretty { encoder.outputFormatting.insert(.prettyPrinted) }
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        do {
            return String(decoding: try encoder.encode(value), as: UTF8.self)
        } catch {
            throw VSRError(
                .invalidArgument, "a value of type \(type(of: value)) cannot be written as JSON",
                cause: error)
        }
    }

    /// The bytes of a file: the text and a line break.
    public static func data(_ value: some Encodable, _ layout: Layout = .pretty) throws -> Data {
        Data("\(try text(value, layout))\n".utf8)
    }

    /// Writes `value` to `path`, whole or not at all.
    public static func write(_ value: some Encodable, to path: String) throws {
        try AtomicFile.write(data(value), to: path)
    }

    /// Reads a value that ``write(_:to:)`` wrote.
    ///
    /// - Parameter what: What the file should hold, for the error: `results of a study`.
    /// - Throws: `io` where the file cannot be read, `corruptData` saying what is wrong in it.
    public static func read<Value: Decodable>(
        _ type: Value.Type = Value.self, from path: String, as what: String
    ) throws -> Value {
        let data: Data
        do {
            data = try Data(contentsOf: URL(fileURLWithPath: path))
        } catch {
            throw VSRError(.io, "cannot read \(path), which should hold \(what)", cause: error)
        }
        return try decode(type, from: data, in: path, as: what)
    }

    /// Reads a value from the text of ``text(_:_:)``.
    ///
    /// - Parameters:
    ///   - path: Where the data is from, for the error.
    ///   - what: What it should hold.
    /// - Throws: `corruptData` saying what is wrong in it.
    public static func decode<Value: Decodable>(
        _ type: Value.Type = Value.self, from data: Data, in path: String, as what: String
    ) throws -> Value {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        do {
            return try decoder.decode(type, from: data)
        } catch let error as DecodingError {
            throw VSRError(
                .corruptData, "\(path) holds no \(what): \(error.explanation())", cause: error)
        }
    }
}
