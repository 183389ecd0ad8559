import Foundation

extension [Float] {
    /// Values of a fixture: base64 of little-endian 32-bit numbers; `nil` where it is none.
    public init?(base64 text: String) {
        guard let data = Data(base64Encoded: text), data.count.isMultiple(of: 4) else { return nil }
        self = data.withUnsafeBytes { bytes in
            stride(from: 0, to: bytes.count, by: 4).map {
                Float(
                    bitPattern: UInt32(
                        littleEndian: bytes.loadUnaligned(fromByteOffset: $0, as: UInt32.self)))
            }
        }
    }
}
