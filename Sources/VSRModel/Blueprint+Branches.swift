import VSRCore

/// What propagation branches and directions are: the one place that tells them apart.
///
/// Executors, Torch networks, memory plans and tools ask these properties, never which branch or
/// direction it is.
extension Blueprint {
    /// A propagation branch: which way it goes through time, and its number among those that go the
    /// same way.
    public struct Branch: Sendable, Hashable, Codable {
        /// Whether the branch goes forward in time: its hidden states depend on the frames up to
        /// their own, those of other branches on the frames from their own on.
        ///
        /// States of causal branches are carried from frame to frame of a clip of any length; other
        /// branches begin anew in each window.
        public let isCausal: Bool
        /// Counted from 1.
        public let number: Int

        public static let backward = backward(1)
        public static let forward = forward(1)

        public static func backward(_ number: Int) -> Branch {
            Branch(isCausal: false, number: number)
        }

        public static func forward(_ number: Int) -> Branch {
            Branch(isCausal: true, number: number)
        }

        // Written out: types with a raw value are else compared and hashed by that, a string here.

        public static func == (one: Branch, other: Branch) -> Bool {
            one.isCausal == other.isCausal && one.number == other.number
        }

        public func hash(into hasher: inout Hasher) {
            hasher.combine(isCausal)
            hasher.combine(number)
        }
    }

    /// Which propagation branches a network has.
    public struct Direction: Sendable, Hashable, NamedChoice {
        /// In layer order: that of their hidden states in the fusion, too.
        public let branches: [Branch]

        /// - Parameter branches: In any order.
        public init(_ branches: [Branch]) { self.branches = branches.sorted() }

        /// Forward in time only: online, frame by frame.
        public static let unidirectional = Direction([.forward])
        /// Backward, then forward: needs the frames to come.
        public static let bidirectional = Direction([.backward, .forward])

        // Written out as a branch's; besides, the raw value depends on which of them are equal.

        public static func == (one: Direction, other: Direction) -> Bool {
            one.branches == other.branches
        }

        public func hash(into hasher: inout Hasher) { hasher.combine(branches) }
    }
}

extension Blueprint.Branch: RawRepresentable, CaseIterable, Comparable, CustomStringConvertible {
    /// All that a network may have, in layer order.
    public static let allCases = (1...Blueprint.Limit.branches).flatMap {
        [Blueprint.Branch.backward($0), .forward($0)]
    }

    private static let byName = Dictionary(
        uniqueKeysWithValues: allCases.map { ($0.rawValue, $0) })

    /// The branch of that name; `nil` where no network has it.
    public init?(rawValue: String) {
        guard let branch = Self.byName[rawValue] else { return nil }
        self = branch
    }

    /// The name, the key in files too: `backward`, `forward`, `backward2`, `forward2` and so on.
    public var rawValue: String {
        let name = isCausal ? "forward" : "backward"
        return number == 1 ? name : "\(name)\(number)"
    }

    public var description: String { rawValue }

    /// The position among all branches that there are, in layer order.
    var rank: Int { 2 * (number - 1) + (isCausal ? 1 : 0) }

    public static func < (one: Self, other: Self) -> Bool { one.rank < other.rank }
}

extension Blueprint.Branch {
    /// The frames of a clip of `count` frames in the order in which the branch visits them.
    public func order(of count: Int) -> [Int] {
        isCausal ? Array(0..<count) : (0..<count).reversed()
    }

    /// The frame visited before frame `index`, whose hidden state is warped to it; outside of the
    /// clip for the frame that is visited first.
    public func neighbor(of index: Int) -> Int { isCausal ? index - 1 : index + 1 }

    /// Where a clip's flows, `count − 1` of them, hold the one from frame `index` to its
    /// ``neighbor(of:)``: entry i belongs to frames i and i + 1.
    public func flowIndex(at index: Int) -> Int { min(index, neighbor(of: index)) }

    /// Of two neighboring frames, the one that the branch's flow starts from, whose state is
    /// computed (reference), and the one that it leads to, whose state is warped (supporting).
    public func flowPair<Picture>(
        earlier: Picture, later: Picture
    ) -> (reference: Picture, supporting: Picture) {
        isCausal ? (later, earlier) : (earlier, later)
    }

    /// Values that were computed frame by frame as the branch visits them, in the order of frames.
    public func inFrameOrder<Value>(_ visited: [Value]) -> [Value] {
        isCausal ? visited : visited.reversed()
    }
}

extension Blueprint.Direction {
    /// The published ones.
    public static let allCases: [Blueprint.Direction] = [.unidirectional, .bidirectional]

    /// Reads `uni`, `bi`, or the names of other branches in layer order.
    public init?(rawValue: String) {
        switch rawValue {
        case "uni": self = .unidirectional
        case "bi": self = .bidirectional
        default:
            let names = rawValue.split(separator: "+", omittingEmptySubsequences: false)
            self.init(names.compactMap { Blueprint.Branch(rawValue: String($0)) })
            guard self.rawValue == rawValue else { return nil }
        }
    }

    /// `uni`, `bi`, or the branches' names: `backward+forward+forward2`.
    public var rawValue: String {
        switch self {
        case .unidirectional: "uni"
        case .bidirectional: "bi"
        default: branches.map(\.rawValue).joined(separator: "+")
        }
    }

    /// - Throws: `dataCorrupted` saying which names there are.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let direction = Self(rawValue: text) else {
            let example = Self([.backward, .forward, .forward(2)])
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "\"\(text.prefix(40))\" must be uni for forward, bi for "
                    + "backward+forward, or other branches in layer order such as "
                    + example.rawValue)
        }
        self = direction
    }

    /// Whether a frame's output depends on frames after it, so that frames are held back and clips
    /// are taken by windows or whole; online otherwise.
    public var needsFutureFrames: Bool { branches.contains { !$0.isCausal } }

    /// How many flows there are per frame: one to each neighbor that a branch warps from.
    public var flowDirections: Int { Set(branches.map(\.isCausal)).count }

    /// `unidirectional`, `bidirectional`, or the branches' names.
    public var name: String {
        switch self {
        case .unidirectional: "unidirectional"
        case .bidirectional: "bidirectional"
        default: rawValue
        }
    }

    /// The name for print, which says so of online networks: `unidirectional (online)`.
    public var title: String { needsFutureFrames ? name : "\(name) (online)" }
}

extension Blueprint {
    /// The branches of this network, in layer order.
    public var branches: [Branch] { direction.branches }

    /// Whether a frame's output depends on frames after it, see
    /// ``Direction/needsFutureFrames``.
    public var needsFutureFrames: Bool { direction.needsFutureFrames }

    /// Residual blocks per branch; of the last branch where branches differ.
    public var blocksPerBranch: Int { branches.last.map { self[$0].count } ?? 0 }
}

/// A branch's key in JSON: its raw value.
struct BranchKey: CodingKey {
    static let all = Blueprint.Branch.allCases.map(BranchKey.init)

    let branch: Blueprint.Branch

    init(_ branch: Blueprint.Branch) { self.branch = branch }

    init?(stringValue: String) {
        guard let branch = Blueprint.Branch(rawValue: stringValue) else { return nil }
        self.branch = branch
    }

    init?(intValue: Int) { nil }

    var stringValue: String { branch.rawValue }
    var intValue: Int? { nil }
}
