/// Letters and figures of straight strokes on a grid 4 units wide and 6 high.
enum StrokeFont {
    /// Ends of one stroke.
    struct Stroke: Sendable {
        let x0, y0, x1, y1: Float
    }

    /// Strokes of every glyph.
    static let glyphs: [[Stroke]] = outlines.map { outline in
        outline.split(separator: "|").flatMap { line -> [Stroke] in
            let points = line.split(separator: " ").map { pair in
                pair.compactMap { $0.wholeNumberValue.map(Float.init) }
            }
            return zip(points, points.dropFirst()).map {
                Stroke(x0: $0[0], y0: $0[1], x1: $1[0], y1: $1[1])
            }
        }
    }

    /// Polylines of grid points `xy`, y downwards.
    private static let outlines = [
        "06 20 46|14 34", "00 06 36 45 44 33 03|33 42 41 30 00", "41 30 10 01 05 16 36 45",
        "00 06 26 44 42 20 00", "40 00 06 46|03 33", "40 00 06|03 33",
        "41 30 10 01 05 16 36 45 43 23", "00 06|40 46|03 43", "10 30|20 26|16 36",
        "40 45 36 16 05", "00 06|40 03 46", "00 06 46", "06 00 23 40 46", "06 00 46 40",
        "10 30 41 45 36 16 05 01 10", "06 00 30 41 42 33 03", "06 00 30 41 42 33 03|23 46",
        "41 30 10 01 02 13 33 44 45 36 16 05", "00 40|20 26", "00 05 16 36 45 40", "00 26 40",
        "00 16 23 36 40", "00 46|40 06", "00 23 40|23 26", "00 40 06 46", "11 20 26|16 36",
        "01 10 30 41 42 06 46", "00 40 23 34 45 36 16 05", "36 30 04 44", "00 40 16",
        "23 13 04 05 16 36 45 44 33 13 02 01 10 30 41 42 33",
    ]

    /// The distance from a point to the nearest stroke of a glyph, in grid units.
    @inline(__always)
    static func distance(_ glyph: [Stroke], _ x: Float, _ y: Float) -> Float {
        var nearest = Float.greatestFiniteMagnitude
        for stroke in glyph {
            let alongX = stroke.x1 - stroke.x0
            let alongY = stroke.y1 - stroke.y0
            let length = alongX * alongX + alongY * alongY
            let projection = ((x - stroke.x0) * alongX + (y - stroke.y0) * alongY) / length
            let position = max(0, min(1, projection))
            let dx = x - stroke.x0 - position * alongX
            let dy = y - stroke.y0 - position * alongY
            nearest = min(nearest, dx * dx + dy * dy)
        }
        return nearest.squareRoot()
    }
}
