/// A value of a pickle, as far as checkpoints need it.
///
/// Containers are numbers of entries in ``PickleHeap``: no value owns another, so that neither
/// cycles nor endless nesting do harm.
enum PickleValue {
    case none
    case bool(Bool)
    case integer(Int)
    case string(String)
    case tuple(Int)
    case list(Int)
    /// Keys and values alternate.
    case dictionary(Int)
    /// The name of a function or class; never called.
    case global(String)
    case storage(PickledStorage)
    case tensor(PickledTensor)
    /// Anything else, an instance of the named class for example.
    case opaque(String)
}

/// A storage that a pickle refers to.
struct PickledStorage {
    /// The name of its bytes within the checkpoint.
    var key: String
    /// `nil` for types that no weight has.
    var type: ElementType?
    /// In elements.
    var count: Int
}

/// A view of a storage.
struct PickledTensor {
    var storage: PickledStorage
    var offset: Int
    var shape: [Int]
    var strides: [Int]
}

/// The containers of a pickle.
struct PickleHeap {
    private var containers: [[PickleValue]] = []
    /// Containers and their elements.
    private var count = 0

    /// More than any checkpoint has, and no burden on memory.
    static let greatestCount = 4_000_000

    /// A new container; `nil` once there is too much.
    mutating func add(_ elements: [PickleValue]) -> Int? {
        containers.append([])
        guard append(elements, to: containers.count - 1) else { return nil }
        return containers.count - 1
    }

    /// Whether there was room.
    mutating func append(_ elements: [PickleValue], to container: Int) -> Bool {
        count += elements.count + 1
        guard count <= Self.greatestCount else { return false }
        containers[container].append(contentsOf: elements)
        return true
    }

    subscript(container: Int) -> [PickleValue] { containers[container] }

    /// The integers of a tuple or list.
    func integers(_ value: PickleValue) -> [Int]? {
        guard case .tuple(let container) = value.sequence else { return nil }
        let integers = containers[container].compactMap { element -> Int? in
            if case .integer(let integer) = element { return integer }
            return nil
        }
        return integers.count == containers[container].count ? integers : nil
    }

    /// The elements of a tuple or list.
    func elements(_ value: PickleValue) -> [PickleValue]? {
        guard case .tuple(let container) = value.sequence else { return nil }
        return containers[container]
    }
}

extension PickleValue {
    /// Lists taken as tuples.
    fileprivate var sequence: PickleValue {
        if case .list(let container) = self { return .tuple(container) }
        return self
    }
}
