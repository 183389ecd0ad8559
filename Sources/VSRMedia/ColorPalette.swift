import VSRCore
import VSRImaging

/// At most 256 colors in which a picture is drawn, as GIF wants it.
///
/// Chosen by median cut (Heckbert: "Color image quantization for frame buffer display", 1982) among
/// the picture's colors at 5 bits per channel; drawn with the rest of each pixel spread over its
/// neighbors (Floyd and Steinberg, 1976).
struct ColorPalette {
    /// As 0xRRGGBB.
    let colors: [UInt32]
    /// The nearest color of each cell of 5 bits per channel, found when first asked for.
    private var nearest: [Int16]

    private static let bits = 5
    private static let cells = 1 << (3 * bits)

    /// A cell of colors that occur, and how often.
    private struct Cell {
        var sums: SIMD3<Int>
        var count: Int
        var mean: SIMD3<Int> { sums / max(count, 1) }
    }

    /// - Parameter limit: The most colors, at least 1.
    init(of frame: ByteFrame, limit: Int) {
        var cells = [Cell](repeating: Cell(sums: .zero, count: 0), count: Self.cells)
        let area = frame.size.area
        for index in 0..<area {
            let color = SIMD3(
                Int(frame.samples[index]), Int(frame.samples[area + index]),
                Int(frame.samples[2 * area + index]))
            let cell = Self.cell(of: color)
            cells[cell].sums &+= color
            cells[cell].count += 1
        }
        var boxes = [Box(cells.filter { $0.count > 0 })]
        while boxes.count < limit,
            let index = boxes.indices.max(by: { boxes[$0].spread < boxes[$1].spread }),
            boxes[index].spread > 0
        {
            let halves = boxes[index].halves
            boxes[index] = halves.0
            boxes.append(halves.1)
        }
        colors = boxes.filter { !$0.cells.isEmpty }.map(\.color)
        nearest = Array(repeating: -1, count: Self.cells)
    }

    /// Colors that are drawn as one.
    private struct Box {
        let cells: [Cell]
        /// The channel in which they differ most, and by how much.
        let channel: Int
        let spread: Int

        init(_ cells: [Cell]) {
            self.cells = cells
            var (least, greatest) = (SIMD3(repeating: 255), SIMD3(repeating: 0))
            for cell in cells {
                least = pointwiseMin(least, cell.mean)
                greatest = pointwiseMax(greatest, cell.mean)
            }
            let spreads = greatest &- least
            channel = (0..<3).max { spreads[$0] < spreads[$1] } ?? 0
            spread = cells.count > 1 ? spreads[channel] : 0
        }

        /// About as many pixels in each, but at least one cell.
        var halves: (Box, Box) {
            let sorted = cells.sorted { $0.mean[channel] < $1.mean[channel] }
            let half = sorted.reduce(0) { $0 + $1.count } / 2
            var (split, seen) = (1, sorted[0].count)
            while split < sorted.count - 1, seen + sorted[split].count <= half {
                seen += sorted[split].count
                split += 1
            }
            return (Box(Array(sorted[..<split])), Box(Array(sorted[split...])))
        }

        var color: UInt32 {
            let count = cells.reduce(0) { $0 + $1.count }
            let sum = cells.reduce(SIMD3<Int>.zero) { $0 &+ $1.sums }
            let mean = (sum &+ SIMD3(repeating: count / 2)) / count
            return UInt32(mean.x) << 16 | UInt32(mean.y) << 8 | UInt32(mean.z)
        }
    }

    private static func cell(of color: SIMD3<Int>) -> Int {
        let levels = color / (1 << (8 - bits))
        return (levels.x << bits | levels.y) << bits | levels.z
    }

    /// The color nearest to one, among those nearest to its cell.
    @inline(__always) private mutating func index(of color: SIMD3<Int>) -> Int {
        let cell = Self.cell(of: color)
        if nearest[cell] >= 0 { return Int(nearest[cell]) }
        let step = 1 << (8 - Self.bits)
        let middle = color / step &* step &+ SIMD3(repeating: step / 2)
        var (best, distance) = (0, Int.max)
        for (index, entry) in colors.enumerated() {
            let difference = Self.vector(entry) &- middle
            let found = (difference &* difference).wrappedSum()
            if found < distance { (best, distance) = (index, found) }
        }
        nearest[cell] = Int16(best)
        return best
    }

    private static func vector(_ color: UInt32) -> SIMD3<Int> {
        SIMD3(Int(color >> 16 & 255), Int(color >> 8 & 255), Int(color & 255))
    }

    /// The index of a color for each pixel, row by row.
    mutating func indices(of frame: ByteFrame) -> [UInt8] {
        let (width, area) = (frame.width, frame.size.area)
        var result = [UInt8](repeating: 0, count: area)
        // Sixteenths that this row and the next one still have to take, with a margin on each side.
        var here = [SIMD3<Int>](repeating: .zero, count: width + 2)
        var below = here
        for y in 0..<frame.height {
            for x in 0..<width {
                let position = y * width + x
                let wanted =
                    SIMD3(
                        Int(frame.samples[position]), Int(frame.samples[area + position]),
                        Int(frame.samples[2 * area + position])) &+ here[x + 1] / 16
                let bounded = wanted.clamped(
                    lowerBound: .zero, upperBound: SIMD3(repeating: 255))
                let index = index(of: bounded)
                result[position] = UInt8(index)
                let rest = bounded &- Self.vector(colors[index])
                here[x + 2] &+= rest &* 7
                below[x] &+= rest &* 3
                below[x + 1] &+= rest &* 5
                below[x + 2] &+= rest
            }
            here = below
            below = [SIMD3<Int>](repeating: .zero, count: width + 2)
        }
        return result
    }
}
