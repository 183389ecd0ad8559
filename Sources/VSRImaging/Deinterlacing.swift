import VSRCore

/// Makes a whole picture of the field that an interlaced picture shows first.
///
/// Its rows stay as they are. The rows between come from the fields just before and just after it
/// where nothing moves, and where something does from the rows above and below, along the edge that
/// fits best; in between, the former bound how far the latter may go.
///
/// Source: the method of FFmpeg's filter `yadif`.
package enum Deinterlacing {
    /// The planes of three pictures in a row.
    package struct Neighbors {
        let before: SamplePlane
        let current: SamplePlane
        let after: SamplePlane

        package init(before: SamplePlane, current: SamplePlane, after: SamplePlane) {
            self.before = before
            self.current = current
            self.after = after
        }
    }

    /// Writes one plane of the picture in the middle.
    ///
    /// - Parameters:
    ///   - size: Of the plane.
    ///   - keepsTop: Whether its first field is that of rows 0, 2, 4, …
    ///   - top: The greatest sample.
    package static func write(
        _ planes: Neighbors, size: FrameSize, keepsTop: Bool, to target: MutableSamplePlane,
        top: Int
    ) {
        var rows = Rows(width: size.width)
        for y in 0..<size.height {
            if y % 2 == (keepsTop ? 0 : 1) || size.height == 1 {
                Rows.read(planes.current, y, into: &rows.result)
            } else {
                rows.load(planes, y, height: size.height)
                rows.interpolate()
            }
            rows.result.withUnsafeBufferPointer {
                guard let base = $0.baseAddress else { return }
                target.write(
                    row: y, count: size.width, from: base, scale: 1, offset: 0, top: Float(top))
            }
        }
    }

    /// The rows around one that is missing.
    private struct Rows {
        let width: Int
        /// Of the picture itself, above and below.
        var above: [Float]
        var below: [Float]
        /// Of the missing row's field, before and after in time: here, two rows above and below.
        var earlier: [Float]
        var later: [Float]
        var earlierAbove: [Float]
        var laterAbove: [Float]
        var earlierBelow: [Float]
        var laterBelow: [Float]
        /// Of the first field's rows above and below in the pictures before and after.
        var beforeAbove: [Float]
        var beforeBelow: [Float]
        var afterAbove: [Float]
        var afterBelow: [Float]
        var result: [Float]

        init(width: Int) {
            self.width = width
            let row = [Float](repeating: 0, count: width)
            (above, below, earlier, later) = (row, row, row, row)
            (earlierAbove, laterAbove, earlierBelow, laterBelow) = (row, row, row, row)
            (beforeAbove, beforeBelow, afterAbove, afterBelow) = (row, row, row, row)
            result = row
        }

        static func read(_ plane: SamplePlane, _ y: Int, into row: inout [Float]) {
            row.withUnsafeMutableBufferPointer {
                guard let base = $0.baseAddress else { return }
                plane.read(row: y, count: $0.count, to: base, scale: 1, offset: 0)
            }
        }

        mutating func load(_ planes: Neighbors, _ y: Int, height: Int) {
            // At the picture's border the row on the other side stands for the one outside.
            let up = y > 0 ? y - 1 : y + 1
            let down = y + 1 < height ? y + 1 : y - 1
            let up2 = y > 1 ? y - 2 : y
            let down2 = y + 2 < height ? y + 2 : y
            Self.read(planes.current, up, into: &above)
            Self.read(planes.current, down, into: &below)
            Self.read(planes.before, y, into: &earlier)
            Self.read(planes.current, y, into: &later)
            Self.read(planes.before, up2, into: &earlierAbove)
            Self.read(planes.current, up2, into: &laterAbove)
            Self.read(planes.before, down2, into: &earlierBelow)
            Self.read(planes.current, down2, into: &laterBelow)
            Self.read(planes.before, up, into: &beforeAbove)
            Self.read(planes.before, down, into: &beforeBelow)
            Self.read(planes.after, up, into: &afterAbove)
            Self.read(planes.after, down, into: &afterBelow)
        }

        mutating func interpolate() {
            for x in 0..<width {
                let (c, e) = (above[x], below[x])
                let still = (earlier[x] + later[x]) / 2
                let change = max(
                    abs(earlier[x] - later[x]) / 2,
                    (abs(beforeAbove[x] - c) + abs(beforeBelow[x] - e)) / 2,
                    (abs(afterAbove[x] - c) + abs(afterBelow[x] - e)) / 2)
                // What stands still keeps its finest rows.
                guard change > 0 else {
                    result[x] = still
                    continue
                }
                // A row that stands out from both its neighbors, as combs do, may change by that.
                let farAbove = (earlierAbove[x] + laterAbove[x]) / 2 - c
                let farBelow = (earlierBelow[x] + laterBelow[x]) / 2 - e
                let peak = max(still - e, still - c, min(farAbove, farBelow))
                let trough = min(still - e, still - c, max(farAbove, farBelow))
                let bound = max(change, trough, -peak)
                result[x] = min(max(alongEdge(x), still - bound), still + bound)
            }
        }

        /// The mean of the samples above and below along the direction in which they are most alike.
        private func alongEdge(_ x: Int) -> Float {
            func difference(_ slope: Int) -> Float {
                var sum: Float = 0
                for offset in -1...1 {
                    sum += abs(above[x + slope + offset] - below[x - slope + offset])
                }
                return sum
            }
            var (best, value) = (Float.infinity, (above[x] + below[x]) / 2)
            guard x >= 3, x + 3 < width else { return value }
            best = difference(0) - 1
            // Steeper slopes only where the gentler one fits better than none.
            for direction in [-1, 1] {
                for slope in [direction, 2 * direction] {
                    let found = difference(slope)
                    guard found < best else { break }
                    best = found
                    value = (above[x + slope] + below[x - slope]) / 2
                }
            }
            return value
        }
    }
}
