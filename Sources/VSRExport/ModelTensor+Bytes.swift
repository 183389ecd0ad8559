import VSRCore
import VSRModel

extension ModelTensor {
    /// The values as files hold them, little-endian.
    ///
    /// - Throws: `invalidArgument` naming the tensor for a value that the storage cannot hold.
    func bytes(as storage: WeightStorage, name: String) throws -> [UInt8] {
        switch storage {
        case .float32:
            return values.map { $0.bitPattern.littleEndian }.withUnsafeBytes { Array($0) }
        case .float16:
            // What is less rounds to at most the largest half-precision number.
            if let value = values.first(where: { $0.magnitude >= 65520 }) {
                throw VSRError(
                    .invalidArgument,
                    "tensor \(name) holds \(value), beyond half precision's "
                        + "\(HalfPrecision.largest): leave out --half")
            }
            return values.map { HalfPrecision.bits(of: $0).littleEndian }
                .withUnsafeBytes { Array($0) }
        }
    }
}
