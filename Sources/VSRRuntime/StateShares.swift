import VSRCore

/// How much of another state goes into a state, per pixel: some amount in chosen squares, less
/// towards their borders with squares that are not chosen, nothing in those.
///
/// Towards squares whose states lie in another map (`apart`) it does not become less: along such a
/// border pixels would else be left to themselves.
struct StateShares {
    /// Pixels over which a chosen square goes over into its surroundings.
    private static let ramp: Float = 8

    let grid: SquareGrid
    /// What the chosen squares take.
    let amount: Float
    private var chosen: [Bool]
    private var apart: [Bool]
    private var shares: [Float] = []

    init(_ grid: SquareGrid, amount: Float) {
        self.grid = grid
        self.amount = amount
        chosen = Array(repeating: false, count: grid.count)
        apart = chosen
    }

    /// Chooses squares, and returns the shares `[height, width]` unless they are as before.
    mutating func choose(_ squares: [Bool], apart others: [Bool]) -> [Float]? {
        guard shares.isEmpty || squares != chosen || others != apart else { return nil }
        if shares.isEmpty { shares = Array(repeating: 0, count: grid.size.area) }
        chosen = squares
        apart = others
        for index in chosen.indices { fill(index) }
        return shares
    }

    private mutating func fill(_ index: Int) {
        let area = grid.area(index)
        for y in area.top..<area.bottom {
            for x in area.left..<area.right {
                shares[y * grid.size.width + x] = chosen[index] ? amount : 0
            }
        }
        guard chosen[index] else { return }
        grid.forEachNeighbor(of: index) { other, dx, dy in
            if !chosen[other] && !apart[other] { soften(area, dx, dy) }
        }
    }

    /// Lessens the shares of `area` towards a neighbor.
    private mutating func soften(_ area: PixelArea, _ dx: Int, _ dy: Int) {
        for y in area.top..<area.bottom {
            let vertical = dy == 0 ? 0 : dy < 0 ? y - area.top : area.bottom - 1 - y
            for x in area.left..<area.right {
                let horizontal = dx == 0 ? 0 : dx < 0 ? x - area.left : area.right - 1 - x
                let distance = Float(max(vertical, horizontal)) + 0.5
                let position = y * grid.size.width + x
                shares[position] = min(shares[position], amount * min(1, distance / Self.ramp))
            }
        }
    }
}
