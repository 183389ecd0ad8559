import Testing
import VSRModel

@Suite struct BranchTests {
    @Test func onlyForwardBranchesAreCausal() {
        #expect(Blueprint.Branch.forward.isCausal)
        #expect(!Blueprint.Branch.backward.isCausal)
        #expect(Blueprint.Branch.forward(3).isCausal)
        #expect(!Blueprint.Branch.backward(3).isCausal)
    }

    @Test func branchesAreNamedByWayAndNumber() {
        let names = [
            "backward", "forward", "backward2", "forward2", "backward3", "forward3", "backward4",
            "forward4",
        ]
        #expect(Blueprint.Branch.allCases.map(\.rawValue) == names)
        #expect(names.map { Blueprint.Branch(rawValue: $0) } == Blueprint.Branch.allCases)
        #expect(Blueprint.Branch(rawValue: "forward2") == .forward(2))
        for name in ["", "forward1", "forward02", "forward5", "forward-1", "Forward", "sideways"] {
            #expect(Blueprint.Branch(rawValue: name) == nil)
        }
    }

    @Test func directionsAreNamedByTheirBranches() {
        let three = Blueprint.Direction([.forward(2), .forward, .backward])
        #expect(three.branches == [.backward, .forward, .forward(2)])
        #expect(three.rawValue == "backward+forward+forward2")
        #expect(three.name == "backward+forward+forward2")
        #expect(three.title == three.name)
        #expect(three.needsFutureFrames)
        #expect(three.flowDirections == 2)
        #expect(Blueprint.Direction(rawValue: "backward+forward+forward2") == three)
        #expect(Blueprint.Direction(rawValue: "uni") == .unidirectional)
        #expect(Blueprint.Direction(rawValue: "bi") == .bidirectional)
        let online = Blueprint.Direction([.forward, .forward(2)])
        #expect(online.title == "forward+forward2 (online)")
        #expect(online.flowDirections == 1)
        let others = [
            "backward+forward", "forward", "forward+backward", "forward2+forward", "uni+forward2",
            "backward++forward2", "backward+sideways",
        ]
        for other in others { #expect(Blueprint.Direction(rawValue: other) == nil, "\(other)") }
    }

    @Test func framesAreVisitedFromTheStartOrFromTheEnd() {
        #expect(Blueprint.Branch.forward.order(of: 4) == [0, 1, 2, 3])
        #expect(Blueprint.Branch.backward.order(of: 4) == [3, 2, 1, 0])
        #expect(Blueprint.Branch.forward.order(of: 0) == [])
        #expect(Blueprint.Branch.backward.order(of: 0) == [])
    }

    @Test func theNeighborIsTheFrameVisitedBefore() {
        #expect(Blueprint.Branch.forward.neighbor(of: 2) == 1)
        #expect(Blueprint.Branch.backward.neighbor(of: 2) == 3)
        for branch in Blueprint.Branch.allCases {
            let order = branch.order(of: 5)
            #expect(order.dropFirst().map(branch.neighbor) == Array(order.dropLast()))
        }
    }

    /// Of three frames there are two flows: of frames 0 and 1, and of frames 1 and 2.
    @Test func flowsAreHeldByPairsOfFrames() {
        #expect([1, 2].map(Blueprint.Branch.forward.flowIndex) == [0, 1])
        #expect([1, 0].map(Blueprint.Branch.backward.flowIndex) == [1, 0])
    }

    @Test func flowsLeadFromAFrameToItsNeighbor() {
        let forward = Blueprint.Branch.forward.flowPair(earlier: "frame 0", later: "frame 1")
        #expect(forward == (reference: "frame 1", supporting: "frame 0"))
        let backward = Blueprint.Branch.backward.flowPair(earlier: "frame 0", later: "frame 1")
        #expect(backward == (reference: "frame 0", supporting: "frame 1"))
    }

    @Test func whatWasVisitedComesBackInFrameOrder() {
        #expect(Blueprint.Branch.forward.inFrameOrder(["a", "b", "c"]) == ["a", "b", "c"])
        #expect(Blueprint.Branch.backward.inFrameOrder(["c", "b", "a"]) == ["a", "b", "c"])
    }

    @Test func directionsSayWhatTheirNetworksDo() {
        let online = Blueprint.Direction.unidirectional
        #expect(online.branches == [.forward])
        #expect(!online.needsFutureFrames)
        #expect(online.flowDirections == 1)
        #expect(online.name == "unidirectional")
        #expect(online.title == "unidirectional (online)")
        let both = Blueprint.Direction.bidirectional
        #expect(both.branches == [.backward, .forward])
        #expect(both.needsFutureFrames)
        #expect(both.flowDirections == 2)
        #expect(both.name == "bidirectional")
        #expect(both.title == "bidirectional")
    }

    /// Blocks, ties in rankings, JSON and the fusion's inputs follow one order.
    @Test(
        arguments: Blueprint.Direction.allCases + [
            .init([.forward(2), .forward]), .init([.backward(2), .forward, .backward]),
        ])
    func branchesComeInLayerOrder(direction: Blueprint.Direction) {
        let branches = Blueprint(direction: direction, width: 2, blocks: 1).branches
        #expect(branches == Blueprint.Branch.allCases.filter(branches.contains))
        let blocks = branches.map { UnitGroup.block($0, 0, .input) }
        let upsampler = UnitGroup.upsampler(.upconvolution(0))
        #expect(([upsampler] + blocks.reversed()).sorted() == blocks + [upsampler])
    }

    @Test func blocksPerBranchAreThoseOfTheLastOne() {
        var blueprint = Blueprint(direction: .bidirectional, width: 2, blocks: 3)
        #expect(blueprint.blocksPerBranch == 3)
        blueprint.backward.removeLast()
        #expect(blueprint.blocksPerBranch == 3)
        blueprint.forward = []
        #expect(blueprint.blocksPerBranch == 0)
    }

    @Test func blueprintsAreEqualHoweverABranchCameToBeEmpty() {
        let never = Blueprint(direction: .unidirectional, width: 2, blocks: 0)
        var emptied = Blueprint(direction: .unidirectional, width: 2, blocks: 2)
        #expect(emptied != never)
        emptied.forward.removeAll()
        emptied[.backward] = [.init(width: 2)]
        emptied.backward = []
        #expect(emptied == never)
        #expect(emptied.hashValue == never.hashValue)
    }
}
