import VSRCore

/// Reads the data of a Python pickle without running any of it.
///
/// A pickle is a program for a stack machine that may import and call anything. This one builds
/// plain values and recognizes the few calls that checkpoints make to rebuild tensors; all other
/// calls become ``PickleValue/opaque(_:)``.
///
/// Source: CPython's `pickletools`; PyTorch's `torch/serialization.py` and `torch/_utils.py`.
struct Unpickler {
    private var reader: ByteReader
    private(set) var heap = PickleHeap()
    private var stack: [PickleValue] = []
    /// Heights of the stack at the marks that are open.
    private var marks: [Int] = []
    private var memo: [Int: PickleValue] = [:]

    private static let greatestStack = 1_000_000

    init(_ reader: ByteReader) { self.reader = reader }

    /// Bytes consumed so far.
    var offset: Int { reader.offset }

    /// The next pickle's value.
    ///
    /// - Throws: `corruptData` or `unsupported` naming the file.
    mutating func load() throws -> PickleValue {
        stack = []
        marks = []
        memo = [:]
        while true {
            let code = try reader.byte()
            if code == UInt8(ascii: ".") { return try pop() }
            try execute(code)
            guard stack.count <= Self.greatestStack, marks.count <= Self.greatestStack else {
                throw damaged("it nests too deeply")
            }
        }
    }

    private func damaged(_ reason: String) -> VSRError {
        VSRError(.corruptData, "the pickle of \(reader.path) is damaged: \(reason)")
    }

    private mutating func execute(_ code: UInt8) throws {
        if try executeConstant(code) { return }
        if try executeContainer(code) { return }
        if try executeMemo(code) { return }
        if try executeCall(code) { return }
        throw VSRError(
            .unsupported,
            "the pickle of \(reader.path) has the instruction \(code), which no checkpoint needs; "
                + "save a state_dict with torch.save")
    }

    // MARK: Stack

    private mutating func pop() throws -> PickleValue {
        guard stack.count > (marks.last ?? 0), let value = stack.popLast() else {
            throw damaged("it takes from an empty stack")
        }
        return value
    }

    private mutating func popMark() throws -> [PickleValue] {
        guard let mark = marks.popLast() else { throw damaged("a mark is missing") }
        defer { stack.removeSubrange(mark...) }
        return Array(stack[mark...])
    }

    private mutating func pop(_ count: Int) throws -> [PickleValue] {
        var values: [PickleValue] = []
        for _ in 0..<count { values.append(try pop()) }
        return values.reversed()
    }

    private mutating func add(_ elements: [PickleValue]) throws -> Int {
        guard let container = heap.add(elements) else { throw heapIsFull }
        return container
    }

    private var heapIsFull: VSRError {
        damaged("it has more than \(PickleHeap.greatestCount) values")
    }

    // MARK: Constants

    private mutating func executeConstant(_ code: UInt8) throws -> Bool {
        switch code {
        case 0x80: try reader.skip(1)
        case 0x95: try reader.skip(8)
        case UInt8(ascii: "N"): stack.append(.none)
        case 0x88: stack.append(.bool(true))
        case 0x89: stack.append(.bool(false))
        case UInt8(ascii: "J"): stack.append(.integer(try signed(4)))
        case UInt8(ascii: "K"): stack.append(.integer(try reader.integer(1)))
        case UInt8(ascii: "M"): stack.append(.integer(try reader.integer(2)))
        case 0x8A: try pushLong(try reader.integer(1))
        case 0x8B: try pushLong(try reader.integer(4))
        case UInt8(ascii: "G"):
            try reader.skip(8)
            stack.append(.opaque("float"))
        case UInt8(ascii: "X"): try pushText(try reader.integer(4))
        case 0x8C: try pushText(try reader.integer(1))
        case 0x8D: try pushText(try reader.integer(8))
        // The texts of Python 2.
        case UInt8(ascii: "U"): try pushText(try reader.integer(1))
        case UInt8(ascii: "T"): try pushText(try reader.integer(4))
        case UInt8(ascii: "C"): try skipBytes(try reader.integer(1))
        case UInt8(ascii: "B"): try skipBytes(try reader.integer(4))
        case 0x8E, 0x96: try skipBytes(try reader.integer(8))
        default: return false
        }
        return true
    }

    private mutating func signed(_ size: Int) throws -> Int {
        let value = try reader.integer(size)
        let bits = 8 * size
        return value >= 1 << (bits - 1) ? value - 1 << bits : value
    }

    /// Integers beyond 64 bits are no sizes.
    private mutating func pushLong(_ size: Int) throws {
        let bytes = try reader.bytes(size)
        guard size <= 8 else { return stack.append(.opaque("int")) }
        let negative = bytes.last.map { $0 >= 0x80 } ?? false
        let filled = bytes + Array(repeating: negative ? 0xFF : 0, count: 8 - size)
        let value = filled.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        stack.append(.integer(Int(truncatingIfNeeded: value)))
    }

    private mutating func pushText(_ size: Int) throws {
        stack.append(.string(String(decoding: try reader.bytes(size), as: UTF8.self)))
    }

    private mutating func skipBytes(_ size: Int) throws {
        try reader.skip(size)
        stack.append(.opaque("bytes"))
    }

    // MARK: Containers

    private mutating func executeContainer(_ code: UInt8) throws -> Bool {
        switch code {
        case UInt8(ascii: "("): marks.append(stack.count)
        case UInt8(ascii: "0"): _ = try pop()
        case UInt8(ascii: "1"): _ = try popMark()
        case UInt8(ascii: "2"):
            let value = try pop()
            stack += [value, value]
        case UInt8(ascii: "]"): stack.append(.list(try add([])))
        case UInt8(ascii: "}"): stack.append(.dictionary(try add([])))
        case UInt8(ascii: ")"): stack.append(.tuple(try add([])))
        case UInt8(ascii: "l"): stack.append(.list(try add(try popMark())))
        case UInt8(ascii: "t"): stack.append(.tuple(try add(try popMark())))
        case UInt8(ascii: "d"): stack.append(.dictionary(try add(try pairs(try popMark()))))
        case 0x85...0x87: stack.append(.tuple(try add(try pop(Int(code - 0x84)))))
        case UInt8(ascii: "a"): try extend(try pop(1))
        case UInt8(ascii: "e"): try extend(try popMark())
        case UInt8(ascii: "s"): try extend(try pairs(try pop(2)))
        case UInt8(ascii: "u"): try extend(try pairs(try popMark()))
        case 0x8F: stack.append(.opaque("set"))
        case 0x90: try extend(try popMark())
        case 0x91:
            _ = try popMark()
            stack.append(.opaque("frozenset"))
        default: return false
        }
        return true
    }

    private func pairs(_ elements: [PickleValue]) throws -> [PickleValue] {
        guard elements.count % 2 == 0 else { throw damaged("a key has no value") }
        return elements
    }

    /// Adds to the container on top of the stack; what opaque objects contain is dropped.
    private mutating func extend(_ elements: [PickleValue]) throws {
        switch stack.last {
        case .list(let container), .dictionary(let container):
            guard stack.count > (marks.last ?? 0) else { throw damaged("a container is missing") }
            guard heap.append(elements, to: container) else { throw heapIsFull }
        case .opaque: break
        default: throw damaged("a container is missing")
        }
    }

    // MARK: Memo

    private mutating func executeMemo(_ code: UInt8) throws -> Bool {
        switch code {
        case UInt8(ascii: "q"): try memoize(try reader.integer(1))
        case UInt8(ascii: "r"): try memoize(try reader.integer(4))
        case 0x94: try memoize(memo.count)
        case UInt8(ascii: "h"): try recall(try reader.integer(1))
        case UInt8(ascii: "j"): try recall(try reader.integer(4))
        default: return false
        }
        return true
    }

    private mutating func memoize(_ key: Int) throws {
        guard let value = stack.last else { throw damaged("it remembers nothing") }
        memo[key] = value
    }

    private mutating func recall(_ key: Int) throws {
        guard let value = memo[key] else { throw damaged("it recalls what it never had") }
        stack.append(value)
    }

    // MARK: Calls

    private mutating func executeCall(_ code: UInt8) throws -> Bool {
        switch code {
        case UInt8(ascii: "c"):
            let module = try reader.line()
            stack.append(.global("\(module).\(try reader.line())"))
        case 0x93:
            let parts = try pop(2)
            guard case .string(let module) = parts[0], case .string(let name) = parts[1] else {
                throw damaged("a class has no name")
            }
            stack.append(.global("\(module).\(name)"))
        case UInt8(ascii: "R"), 0x81:
            let parts = try pop(2)
            stack.append(try call(parts[0], heap.elements(parts[1]) ?? []))
        case 0x92:
            let parts = try pop(3)
            stack.append(try call(parts[0], heap.elements(parts[1]) ?? []))
        case UInt8(ascii: "o"):
            _ = try popMark()
            stack.append(.opaque("object"))
        case UInt8(ascii: "b"):
            // The state of an object; for state_dicts, notes on versions.
            _ = try pop()
            guard !stack.isEmpty else { throw damaged("an object is missing") }
        case UInt8(ascii: "Q"): stack.append(try storage(try pop()))
        default: return false
        }
        return true
    }

    /// What a call of `function` would give, for the calls that rebuild tensors.
    private mutating func call(
        _ function: PickleValue, _ arguments: [PickleValue]
    ) throws -> PickleValue {
        guard case .global(let name) = function else { return .opaque("call") }
        switch name {
        case "collections.OrderedDict": return .dictionary(try add(orderedPairs(arguments.first)))
        case "collections.defaultdict": return .dictionary(try add([]))
        case "torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2":
            return try tensor(arguments)
        case "torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state":
            return arguments.first ?? .opaque(name)
        case "torch._tensor._rebuild_from_type", "torch._tensor._rebuild_from_type_v2":
            // (function, type, its arguments, state): a tensor with attributes of its own.
            guard arguments.count >= 3, case .global(let inner) = arguments[0],
                inner.hasPrefix("torch._utils.")
            else { return .opaque(name) }
            return try call(arguments[0], heap.elements(arguments[2]) ?? [])
        default: return .opaque(name)
        }
    }

    /// Keys and values alternating, from the list of pairs that Python 2 hands to an ordered dictionary.
    private func orderedPairs(_ list: PickleValue?) -> [PickleValue] {
        let pairs = list.flatMap { heap.elements($0) }?.compactMap { heap.elements($0) } ?? []
        return pairs.filter { $0.count == 2 }.flatMap { $0 }
    }

    private func tensor(_ arguments: [PickleValue]) throws -> PickleValue {
        guard arguments.count >= 4, case .storage(let storage) = arguments[0],
            case .integer(let offset) = arguments[1], let shape = heap.integers(arguments[2]),
            let strides = heap.integers(arguments[3])
        else { throw damaged("a tensor is not described as PyTorch does") }
        return .tensor(
            PickledTensor(storage: storage, offset: offset, shape: shape, strides: strides))
    }

    /// A persistent id: `("storage", type, key, device, elements)`.
    private func storage(_ id: PickleValue) throws -> PickleValue {
        guard let parts = heap.elements(id), parts.count >= 5, case .string("storage") = parts[0],
            case .global(let type) = parts[1], case .string(let key) = parts[2],
            case .integer(let count) = parts[4]
        else { throw damaged("a storage is not described as PyTorch does") }
        if parts.count > 5, heap.elements(parts[5]) != nil {
            throw VSRError(
                .unsupported,
                "\(reader.path) has a storage within another, as PyTorch wrote before 0.4: load "
                    + "and save it with a newer PyTorch")
        }
        return .storage(PickledStorage(key: key, type: Self.types[type], count: count))
    }

    private static let types: [String: ElementType] = [
        "torch.FloatStorage": .float32, "torch.DoubleStorage": .float64,
        "torch.HalfStorage": .float16, "torch.BFloat16Storage": .bfloat16,
        "torch.LongStorage": .int64, "torch.IntStorage": .int32, "torch.ShortStorage": .int16,
        "torch.CharStorage": .int8, "torch.ByteStorage": .uint8, "torch.BoolStorage": .bool,
    ]
}
