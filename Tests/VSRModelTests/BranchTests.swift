import Testing
import VSRModel

@Suite struct BranchTests {
    @Test func onlyTheForwardBranchIsCausal() {
        #expect(Blueprint.Branch.forward.isCausal)
        #expect(!Blueprint.Branch.backward.isCausal)
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
    @Test(arguments: Blueprint.Direction.allCases)
    func branchesComeInLayerOrder(direction: Blueprint.Direction) {
        let branches = Blueprint(direction: direction, width: 2, blocks: 1).branches
        #expect(branches == Blueprint.Branch.allCases.filter(branches.contains))
        let blocks = branches.map { PrunableLayer.block($0, 0, .input) }
        let upsampler = PrunableLayer.upsampler(.upconvolution(0))
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
