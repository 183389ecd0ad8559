/// What distinguishes propagation branches and directions: the one place that tells them apart.
///
/// Executors, Torch networks, memory plans and tools ask these properties, never which branch or
/// direction it is.
extension Blueprint.Branch {
    /// Whether the branch goes forward in time: its hidden states depend on the frames up to their
    /// own, those of other branches on the frames from their own on.
    public var isCausal: Bool {
        switch self {
        case .forward: true
        case .backward: false
        }
    }

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

    /// Whether networks of every direction have the branch.
    var isInEveryNetwork: Bool {
        Blueprint.Direction.allCases.allSatisfy { $0.branches.contains(self) }
    }

    /// The position among all branches that there are, in layer order.
    var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

extension Blueprint.Direction {
    /// The branches of a network of this direction, in layer order: that of their hidden states in
    /// the fusion, too.
    public var branches: [Blueprint.Branch] {
        switch self {
        case .unidirectional: [.forward]
        case .bidirectional: [.backward, .forward]
        }
    }

    /// Whether a frame's output depends on frames after it, so that frames are held back and clips
    /// are taken by windows or whole; online otherwise.
    public var needsFutureFrames: Bool { branches.contains { !$0.isCausal } }

    /// How many flows there are per frame: one to each neighbor that a branch warps from.
    public var flowDirections: Int { Set(branches.map(\.isCausal)).count }

    /// `unidirectional`, `bidirectional`.
    public var name: String {
        switch self {
        case .unidirectional: "unidirectional"
        case .bidirectional: "bidirectional"
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
