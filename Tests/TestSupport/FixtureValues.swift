import Foundation
import VSRModel

/// Values that a script computed, as `scripts/reference/fixture_values.py` writes them: a shape, and
/// the elements as base64 of little-endian 32-bit numbers.
public struct FixtureValues: Decodable, Sendable {
    public let shape: [Int]
    public let floats: [Float]

    private enum CodingKeys: CodingKey { case shape, data }

    /// - Throws: `DecodingError` where there are more or fewer elements than the shape says.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        shape = try container.decode([Int].self, forKey: .shape)
        let data = try container.decode(Data.self, forKey: .data)
        guard data.count == 4 * shape.reduce(1, *) else {
            throw DecodingError.dataCorruptedError(
                forKey: .data, in: container,
                debugDescription: "\(data.count) bytes are not the floats of shape \(shape)")
        }
        floats = data.withUnsafeBytes { bytes in
            stride(from: 0, to: bytes.count, by: 4).map {
                Float(
                    bitPattern: UInt32(
                        littleEndian: bytes.loadUnaligned(fromByteOffset: $0, as: UInt32.self)))
            }
        }
    }

    public var modelTensor: ModelTensor { ModelTensor(shape: shape, values: floats) }
}

/// Decodes the JSON file `Fixtures/PATH` that lies beside the folder of the tests that call this.
public func fixture<Value: Decodable>(
    _ path: String, as type: Value.Type = Value.self, callingFile: String = #filePath
) throws -> Value {
    let folder = URL(fileURLWithPath: callingFile).deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Fixtures")
    return try JSONDecoder().decode(
        type, from: Data(contentsOf: folder.appendingPathComponent(path)))
}
