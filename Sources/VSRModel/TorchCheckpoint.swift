import VSRCore

/// The tensors of a PyTorch checkpoint (`torch.save`), read without running anything in it.
///
/// Tensors in nested dictionaries are named by the keys on the way, joined by dots:
/// `params.conv_hr.weight`. Whatever else the checkpoint holds is ignored.
public struct TorchCheckpoint: TensorSource {
    public var path: String { file.path }
    private let file: InputFile
    private let tensors: [String: PickledTensor]
    /// The bytes of each storage.
    private let storages: [String: Range<Int>]

    /// The first bytes of the format before PyTorch 1.6: protocol 2, an integer of 10 bytes.
    static let legacyMagic: [UInt8] = [0x80, 0x02, 0x8A, 0x0A]

    /// PyTorch's magic number as a pickle holds it, 0x1950A86A20F9469CFC6C.
    private static let magicNumber: [UInt8] = [
        0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19,
    ]

    /// Whether a file that starts with these bytes is of the format before PyTorch 1.6, saved with
    /// any protocol of pickle that has binary integers.
    static func isLegacy(_ start: [UInt8]) -> Bool {
        if start.starts(with: legacyMagic) { return true }
        guard start.count >= 32, start[0] == 0x80, (3...5).contains(start[1]) else { return false }
        // From protocol 4 on, a frame of 9 bytes may come before.
        return [2, 11].contains { offset in
            start[offset..<offset + magicNumber.count].elementsEqual(magicNumber)
        }
    }

    /// Pickles hold names and sizes only; weights lie outside them.
    private static let greatestPickle = 32 << 20
    private static let greatestDepth = 8
    private static let greatestVisits = 200_000

    /// - Throws: `notFound`, `io`, `corruptData` or `unsupported` naming the file.
    public init(path: String) throws { try self.init(file: InputFile(path: path)) }

    init(file: InputFile) throws {
        self.file = file
        let start = try file.bytes(0..<min(4, file.size))
        (tensors, storages) =
            start == ZipArchive.magic ? try Self.zipped(file) : try Self.legacy(file)
        guard !tensors.isEmpty else {
            throw VSRError(
                .unsupported,
                "\(file.path) holds no dictionary of tensors; a whole module cannot be read: save "
                    + "its state_dict with torch.save")
        }
    }

    public var names: [String] { tensors.keys.sorted() }

    public func shape(of name: String) -> [Int]? { tensors[name]?.shape }

    // MARK: Formats

    private typealias Content = (tensors: [String: PickledTensor], storages: [String: Range<Int>])

    /// The format since PyTorch 1.6: a ZIP file with `name/data.pkl` and `name/data/key`.
    private static func zipped(_ file: InputFile) throws -> Content {
        let members = try ZipArchive(file: file).members
        let pickles = members.keys.filter { $0.hasSuffix("/data.pkl") }
        guard let pickle = pickles.first, pickles.count == 1, let range = members[pickle] else {
            throw VSRError(
                .unsupported, "\(file.path) is a ZIP file, but no PyTorch checkpoint")
        }
        let root = String(pickle.dropLast("data.pkl".count))
        if let order = members["\(root)byteorder"], order.count < 16,
            try file.bytes(order) != Array("little".utf8)
        {
            throw VSRError(
                .unsupported,
                "\(file.path) was written on a big-endian machine; save it on a little-endian one")
        }
        var unpickler = Unpickler(ByteReader(try pickleBytes(range, file), file.path))
        let value = try unpickler.load()
        let tensors = try named(value, unpickler.heap, file.path)
        let data = "\(root)data/"
        let storages = members.filter { $0.key.hasPrefix(data) }
            .map { (String($0.key.dropFirst(data.count)), $0.value) }
        return (tensors, Dictionary(storages, uniquingKeysWith: { first, _ in first }))
    }

    /// The format before: pickles of a magic number, the version, the machine, the object and the
    /// storages' keys, then each storage's element count and bytes.
    private static func legacy(_ file: InputFile) throws -> Content {
        let range = 0..<min(file.size, greatestPickle)
        var unpickler = Unpickler(ByteReader(try file.bytes(range), file.path))
        for _ in 0..<3 { _ = try unpickler.load() }
        let object = try unpickler.load()
        let keyList = try unpickler.load()
        let tensors = try named(object, unpickler.heap, file.path)
        let keys = unpickler.heap.elements(keyList) ?? []
        let types = Dictionary(
            tensors.values.map { ($0.storage.key, $0.storage) }, uniquingKeysWith: { $1 })
        var storages: [String: Range<Int>] = [:]
        var offset = unpickler.offset
        for case .string(let key) in keys {
            guard offset <= file.size - 8 else { break }
            var field = ByteReader(try file.bytes(offset..<offset + 8), file.path)
            let count = try field.integer(8)
            // Without a tensor that names its type, the size of this storage is unknown, and so is
            // where the next one starts.
            guard let type = types[key]?.type else { break }
            let (size, overflow) = count.multipliedReportingOverflow(by: type.size)
            guard !overflow, size <= file.size - offset - 8 else { break }
            storages[key] = offset + 8..<offset + 8 + size
            offset += 8 + size
        }
        return (tensors, storages)
    }

    private static func pickleBytes(_ range: Range<Int>, _ file: InputFile) throws -> [UInt8] {
        guard range.count <= greatestPickle else {
            throw VSRError(
                .unsupported,
                "the pickle of \(file.path) takes \(range.count) bytes, more than any state_dict")
        }
        return try file.bytes(range)
    }

    /// The tensors of nested dictionaries by their joined keys.
    private static func named(
        _ root: PickleValue, _ heap: PickleHeap, _ path: String
    ) throws -> [String: PickledTensor] {
        var result: [String: PickledTensor] = [:]
        var pending: [(prefix: String, value: PickleValue, depth: Int)] = [("", root, 0)]
        // A dictionary may contain another many times over, so visits are counted.
        var visits = 0
        while let (prefix, value, depth) = pending.popLast() {
            guard case .dictionary(let container) = value, depth < greatestDepth else { continue }
            let pairs = heap[container]
            guard pairs.count.isMultiple(of: 2) else {
                throw VSRError(
                    .corruptData, "\(path) has a dictionary with a key that has no value")
            }
            visits += pairs.count
            guard visits <= greatestVisits else {
                throw VSRError(.corruptData, "\(path) nests its dictionaries without end")
            }
            for index in stride(from: 0, to: pairs.count, by: 2) {
                guard case .string(let key) = pairs[index] else { continue }
                let name = prefix.isEmpty ? key : "\(prefix).\(key)"
                if case .tensor(let tensor) = pairs[index + 1] { result[name] = tensor }
                pending.append((name, pairs[index + 1], depth + 1))
            }
        }
        return result
    }
}

extension TorchCheckpoint {
    public func tensor(_ name: String) throws -> ModelTensor {
        guard let tensor = tensors[name] else {
            throw VSRError(.notFound, "\(path) has no tensor \(name)")
        }
        guard let type = tensor.storage.type, type.isFloatingPoint else {
            throw VSRError(
                .unsupported,
                "tensor \(name) of \(path) is not of type float, half, bfloat16 or double, so it "
                    + "is not a type of weights")
        }
        guard let range = storages[tensor.storage.key], let count = tensor.checkedCount,
            tensor.storage.count <= range.count / type.size
        else {
            throw VSRError(
                .corruptData,
                "tensor \(name) of \(path) reaches beyond its storage; the file may be truncated")
        }
        let values = try read(tensor, type, range.lowerBound, count)
        let result = ModelTensor(shape: tensor.shape, values: values)
        guard let index = result.firstNonFinite else { return result }
        throw VSRError(
            .corruptData,
            "tensor \(name) of \(path) holds \(values[index]) at element \(index); weights must "
                + "be finite")
    }

    private func read(
        _ tensor: PickledTensor, _ type: ElementType, _ start: Int, _ count: Int
    ) throws -> [Float] {
        guard count > 0 else { return [] }
        let elements =
            tensor.isContiguous
            ? tensor.offset..<tensor.offset + count : 0..<tensor.storage.count
        var values: [Float] = []
        values.reserveCapacity(elements.count)
        let bytes =
            start + elements.lowerBound * type.size..<start + elements.upperBound * type.size
        try file.forEachChunk(of: bytes) { type.decode($0, into: &values) }
        return tensor.isContiguous ? values : tensor.indices.map { values[$0] }
    }
}

extension PickledTensor {
    /// The number of elements, if all lie within the storage and none is repeated so often that
    /// there are more than the storage has.
    fileprivate var checkedCount: Int? {
        guard shape.count == strides.count, shape.count <= SafetensorsHeader.greatestRank,
            offset >= 0, shape.allSatisfy({ $0 >= 0 }), strides.allSatisfy({ $0 >= 0 }),
            let bytes = shape.byteCount(of: .uint8), bytes <= storage.count
        else { return nil }
        var last = offset
        for (size, stride) in zip(shape, strides) where size > 1 {
            let (step, overflow) = (size - 1).multipliedReportingOverflow(by: stride)
            let (sum, sumOverflow) = last.addingReportingOverflow(step)
            guard !overflow, !sumOverflow else { return nil }
            last = sum
        }
        return bytes == 0 || last < storage.count ? bytes : nil
    }

    fileprivate var isContiguous: Bool {
        var expected = 1
        for (size, stride) in zip(shape, strides).reversed() where size != 1 {
            guard stride == expected else { return false }
            expected *= size
        }
        return true
    }

    /// Positions within the storage, in the order of the tensor's elements.
    fileprivate var indices: [Int] {
        zip(shape, strides).reduce([offset]) { starts, axis in
            starts.flatMap { start in (0..<axis.0).map { start + $0 * axis.1 } }
        }
    }
}
