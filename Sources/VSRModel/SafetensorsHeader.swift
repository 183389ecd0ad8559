import VSRCore

/// What a safetensors file says about itself: its tensors, where their bytes lie, and metadata.
///
/// Source: the format of huggingface/safetensors, with its rules on offsets: the tensors cover the
/// data without overlap or hole.
struct SafetensorsHeader {
    struct Entry {
        var type: ElementType
        var shape: [Int]
        /// Bytes within the file.
        var range: Range<Int>
        /// Elements; at most the file's bytes.
        var count: Int
    }

    var entries: [String: Entry] = [:]
    var metadata: [String: String] = [:]

    /// Bytes before the header: its length.
    static let lengthSize = 8
    static let greatestSize = 16 << 20
    static let greatestRank = 8
    static let metadataKey = "__metadata__"

    /// - Throws: `corruptData` or `unsupported` naming the file and the tensor.
    init(file: InputFile) throws {
        let path = file.path
        guard file.size >= Self.lengthSize else {
            throw VSRError(
                .corruptData,
                "\(path) has \(file.size) bytes: it is truncated or not a safetensors file")
        }
        let length = try file.bytes(0..<Self.lengthSize).withUnsafeBytes {
            UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self))
        }
        guard length <= Self.greatestSize, Int(length) <= file.size - Self.lengthSize else {
            throw VSRError(
                .corruptData,
                "\(path) announces a header of \(length) bytes in a file of \(file.size): it is "
                    + "truncated or not a safetensors file")
        }
        let dataStart = Self.lengthSize + Int(length)
        let members = try Self.members(of: try file.bytes(Self.lengthSize..<dataStart), path)
        for member in members where member.key != Self.metadataKey {
            entries[member.key] = try Self.entry(member, path, data: dataStart..<file.size)
        }
        if let member = members.first(where: { $0.key == Self.metadataKey }) {
            metadata = try Self.metadata(member.value, path)
        }
        try checkCoverage(of: dataStart..<file.size, path)
    }

    private static func members(of bytes: [UInt8], _ path: String) throws -> [JSONValue.Member] {
        do {
            guard case .object(let members) = try JSONScanner.parse(bytes) else {
                throw VSRError(.corruptData, "the header of \(path) is not a JSON object")
            }
            return members
        } catch let failure as JSONScanner.Failure {
            throw VSRError(
                .corruptData,
                "the header of \(path) is not valid JSON at byte \(failure.offset): "
                    + failure.reason)
        }
    }

    private static func metadata(_ value: JSONValue, _ path: String) throws -> [String: String] {
        guard case .object(let members) = value else {
            throw VSRError(.corruptData, "the metadata of \(path) is not a JSON object")
        }
        var metadata: [String: String] = [:]
        for member in members {
            guard case .string(let text) = member.value else {
                throw VSRError(
                    .corruptData, "the metadata key \(member.key) of \(path) is not a text")
            }
            metadata[member.key] = text
        }
        return metadata
    }

    private static func entry(
        _ member: JSONValue.Member, _ path: String, data: Range<Int>
    ) throws -> Entry {
        func corrupt(_ reason: String) -> VSRError {
            VSRError(.corruptData, "tensor \(member.key) of \(path) \(reason)")
        }
        guard case .object(let fields) = member.value else { throw corrupt("is not described") }
        func field(_ key: String) -> JSONValue? { fields.first { $0.key == key }?.value }
        guard case .string(let typeName) = field("dtype") else { throw corrupt("has no dtype") }
        guard let type = ElementType(rawValue: typeName) else {
            throw VSRError(
                .unsupported, "tensor \(member.key) of \(path) has the unknown dtype \(typeName)")
        }
        guard let shape = field("shape")?.sizes, shape.count <= greatestRank else {
            throw corrupt("has no shape of at most \(greatestRank) sizes")
        }
        guard let offsets = field("data_offsets")?.sizes, offsets.count == 2,
            offsets[0] <= offsets[1], offsets[1] <= data.count
        else {
            throw corrupt(
                "has no ascending data_offsets within the \(data.count) bytes of data; the file "
                    + "may be truncated")
        }
        let byteCount = offsets[1] - offsets[0]
        guard shape.byteCount(of: type) == byteCount else {
            throw corrupt(
                "has \(byteCount) bytes, which is not what shape \(shape) of \(typeName) takes")
        }
        let start = data.lowerBound + offsets[0]
        return Entry(
            type: type, shape: shape, range: start..<start + byteCount,
            count: byteCount / type.size)
    }

    private func checkCoverage(of data: Range<Int>, _ path: String) throws {
        var end = data.lowerBound
        let ordered = entries.sorted {
            ($0.value.range.lowerBound, $0.value.range.upperBound, $0.key)
                < ($1.value.range.lowerBound, $1.value.range.upperBound, $1.key)
        }
        for (name, entry) in ordered {
            guard entry.range.lowerBound == end else {
                let fault = entry.range.lowerBound < end ? "overlaps the one" : "leaves a hole"
                throw VSRError(
                    .corruptData, "tensor \(name) of \(path) \(fault) before it in the file")
            }
            end = entry.range.upperBound
        }
        guard end == data.upperBound else {
            throw VSRError(
                .corruptData,
                "\(path) has \(data.upperBound - end) bytes after its last tensor")
        }
    }
}

extension JSONValue {
    /// A list of integers ≥ 0.
    fileprivate var sizes: [Int]? {
        guard case .array(let elements) = self else { return nil }
        let sizes = elements.compactMap { element -> Int? in
            if case .integer(let size) = element, size >= 0 { return size }
            return nil
        }
        return sizes.count == elements.count ? sizes : nil
    }
}

extension [Int] {
    /// The bytes that a tensor of this shape takes, unless they exceed `Int`.
    func byteCount(of type: ElementType) -> Int? {
        var result = type.size
        for size in self {
            let (product, overflow) = result.multipliedReportingOverflow(by: size)
            guard !overflow else { return nil }
            result = product
        }
        return result
    }
}
