import Foundation
import VSRCore

/// How weights are stored.
public enum WeightStorage: String, Sendable, Hashable, Codable, CaseIterable {
    case float32, float16

    var elementType: ElementType { self == .float32 ? .float32 : .float16 }
}

/// Writes safetensors files; the same tensors give the same bytes.
public enum SafetensorsWriter {
    /// Writes named tensors in the given order; the file appears whole or not at all.
    ///
    /// - Throws: `invalidArgument` for a name that occurs twice or a value that the storage cannot
    ///   hold, `io` naming the path.
    public static func write(
        _ tensors: [(name: String, tensor: ModelTensor)], metadata: [String: String] = [:],
        to path: String, storage: WeightStorage = .float32
    ) throws {
        let names = Set(tensors.map(\.name)).subtracting([SafetensorsHeader.metadataKey])
        guard names.count == tensors.count else {
            throw VSRError(
                .invalidArgument, "cannot write \(path): tensor names must differ from each other")
        }
        var data = try header(tensors, metadata, storage)
        for (name, tensor) in tensors {
            try storage.check(tensor, name, path)
            storage.append(tensor, to: &data)
        }
        try AtomicFile.write(data, to: path)
    }

    private static func header(
        _ tensors: [(name: String, tensor: ModelTensor)], _ metadata: [String: String],
        _ storage: WeightStorage
    ) throws -> Data {
        let entries = tensors.map {
            HeaderEntry(
                name: $0.name, type: storage.elementType, shape: $0.tensor.shape,
                byteCount: $0.tensor.values.count * storage.elementType.size)
        }
        return try header(entries, metadata)
    }

    /// A tensor as the header describes it; its bytes follow those of the one before.
    struct HeaderEntry {
        var name: String
        var type: ElementType
        var shape: [Int]
        var byteCount: Int
    }

    /// Everything that stands before the first tensor's bytes.
    static func header(_ entries: [HeaderEntry], _ metadata: [String: String]) throws -> Data {
        var members: [String] = []
        if !metadata.isEmpty {
            let pairs = try metadata.sorted { $0.key < $1.key }
                .map { "\(try quoted($0.key)):\(try quoted($0.value))" }
            members.append(
                "\(try quoted(SafetensorsHeader.metadataKey)):{\(pairs.joined(separator: ","))}")
        }
        var offset = 0
        for entry in entries {
            let end = offset + entry.byteCount
            let shape = entry.shape.map(String.init).joined(separator: ",")
            members.append(
                "\(try quoted(entry.name)):{\"dtype\":\"\(entry.type.rawValue)\","
                    + "\"shape\":[\(shape)],\"data_offsets\":[\(offset),\(end)]}")
            offset = end
        }
        var text = Array("{\(members.joined(separator: ","))}".utf8)
        // Tensors start at a multiple of 8 bytes, so that other readers can map them.
        text += Array(repeating: UInt8(ascii: " "), count: (8 - text.count % 8) % 8)
        return withUnsafeBytes(of: UInt64(text.count).littleEndian) { Data($0) } + Data(text)
    }

    private static func quoted(_ text: String) throws -> String {
        try JSONText.text(text, .compact)
    }
}

extension WeightStorage {
    fileprivate func check(_ tensor: ModelTensor, _ name: String, _ path: String) throws {
        if let index = tensor.firstNonFinite {
            throw VSRError(
                .invalidArgument,
                "cannot write \(path): tensor \(name) holds \(tensor.values[index]) at element "
                    + "\(index); weights must be finite")
        }
        guard self == .float16,
            let index = tensor.values.firstIndex(where: { $0.magnitude >= 65520 })
        else { return }
        throw VSRError(
            .invalidArgument,
            "cannot write \(path) in half precision: tensor \(name) holds \(tensor.values[index]), "
                + "beyond \(HalfPrecision.largest); store it as float32")
    }

    fileprivate func append(_ tensor: ModelTensor, to data: inout Data) {
        switch self {
        case .float32:
            let bits = tensor.values.map { $0.bitPattern.littleEndian }
            bits.withUnsafeBytes { data.append(contentsOf: $0) }
        case .float16:
            let bits = tensor.values.map { HalfPrecision.bits(of: $0).littleEndian }
            bits.withUnsafeBytes { data.append(contentsOf: $0) }
        }
    }
}
