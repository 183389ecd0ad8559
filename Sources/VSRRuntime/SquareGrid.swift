import VSRCore

/// A frame cut into squares of ``side`` pixels; those at the right and at the bottom take what is
/// left over, up to twice as much less one.
struct SquareGrid: Equatable {
    static let side = 16

    let size: FrameSize
    let columns: Int
    let rows: Int

    var count: Int { columns * rows }

    init(_ size: FrameSize) {
        self.size = size
        columns = max(1, size.width / Self.side)
        rows = max(1, size.height / Self.side)
    }

    /// The pixels of square `index`; squares are counted row by row.
    func area(_ index: Int) -> PixelArea {
        let row = index / columns
        let column = index % columns
        return PixelArea(
            left: column * Self.side,
            right: column + 1 == columns ? size.width : (column + 1) * Self.side,
            top: row * Self.side,
            bottom: row + 1 == rows ? size.height : (row + 1) * Self.side)
    }

    /// Calls `body` with each square that touches square `index`, and how many columns and rows
    /// it lies further.
    func forEachNeighbor(of index: Int, _ body: (_ other: Int, _ dx: Int, _ dy: Int) -> Void) {
        let row = index / columns
        let column = index % columns
        for dy in -1...1 where (0..<rows).contains(row + dy) {
            for dx in -1...1 where (0..<columns).contains(column + dx) && (dx != 0 || dy != 0) {
                body(index + dy * columns + dx, dx, dy)
            }
        }
    }
}

/// Columns `left..<right` and rows `top..<bottom` of a frame.
struct PixelArea: Equatable {
    var left: Int
    var right: Int
    var top: Int
    var bottom: Int

    var width: Int { right - left }
    var height: Int { bottom - top }
    var count: Int { width * height }
}
