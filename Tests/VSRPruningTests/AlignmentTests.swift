import Testing

@testable import VSRPruning

@Suite struct AlignmentTests {
    private func rounded(
        _ kept: [Int], available: [Int]? = nil, multiple: Int = 4, minimum: Int = 4
    ) -> [Int] {
        Alignment(multiple: multiple, minimum: minimum)
            .rounded(kept, available: available ?? Array(repeating: 12, count: kept.count))
    }

    @Test func whatTheTotalLacksGoesToTheLayersThatLostMost() {
        // 22 → 20: one step above 4, 4, 4, 4.
        #expect(rounded([5, 6, 7, 4]) == [4, 4, 8, 4])
        // A tie: the first of those that lost 2.
        #expect(rounded([4, 6, 6, 4]) == [4, 8, 4, 4])
        // The one that lost most has no 8 units; the next ones lost 1 each.
        #expect(rounded([6, 5, 4, 5], available: [6, 12, 12, 12]) == [4, 8, 4, 4])
        // None has 8.
        #expect(rounded([6, 6], available: [7, 7]) == [4, 4])
    }

    @Test func whatTheMinimumRaisedIsGivenBackByTheLayersThatLostLeast() {
        // 4, 4, 8, 8 is 4 above 20; the last lost nothing by rounding.
        #expect(rounded([2, 2, 9, 8]) == [4, 4, 8, 4])
        #expect(rounded([1, 1, 1, 8, 9]) == [4, 4, 4, 4, 4])
        // None can give: the minimum holds.
        #expect(rounded([1, 2]) == [4, 4])
    }

    @Test func layersMayBecomeEmptyWhereAllowed() {
        #expect(rounded([3, 0, 9], minimum: 0) == [4, 0, 8])
        #expect(rounded([1, 2, 0], minimum: 0) == [0, 0, 0])
    }

    @Test func multiplesOfOneChangeNothing() {
        #expect(rounded([1, 0, 7], multiple: 1, minimum: 1) == [1, 0, 7])
    }
}
