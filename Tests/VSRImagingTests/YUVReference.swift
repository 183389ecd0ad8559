import VSRCore

@testable import VSRImaging

/// A picture in planes with guard bytes between and behind its rows.
struct TestPlanes {
    let size: FrameSize
    let format: YUVFormat
    /// Samples of Y, U and V, row by row, without the guards.
    var levels: [[Int]]

    /// Random levels over the whole range of the depth.
    init(seed: UInt64, size: FrameSize, format: YUVFormat) {
        var random = SeededGenerator(seed: seed)
        self.size = size
        self.format = format
        let chroma = format.subsampling.chromaSize(for: size)
        levels = [size.area, chroma.area, chroma.area].map { count in
            (0..<count).map { _ in random.integer(below: 1 << format.depth) }
        }
    }

    /// All samples of a plane alike.
    init(constant: [Int], size: FrameSize, format: YUVFormat) {
        self.size = size
        self.format = format
        let chroma = format.subsampling.chromaSize(for: size)
        levels = zip(constant, [size.area, chroma.area, chroma.area]).map {
            Array(repeating: $0, count: $1)
        }
    }

    func size(of plane: Int) -> FrameSize {
        plane == 0 ? size : format.subsampling.chromaSize(for: size)
    }
}

/// The definition of the conversion, pixel by pixel in double precision.
enum YUVReference {
    private static func weights(_ matrix: YUVFormat.Matrix) -> (red: Double, blue: Double) {
        switch matrix {
        case .bt709: (0.2126, 0.0722)
        case .fcc: (0.30, 0.11)
        case .bt601: (0.299, 0.114)
        case .smpte240: (0.212, 0.087)
        case .bt2020: (0.2627, 0.0593)
        case .yCgCo: (.nan, .nan)
        }
    }

    private static func luma(_ level: Int, _ format: YUVFormat) -> Double {
        let unit = Double(1 << (format.depth - 8))
        return format.isFullRange
            ? Double(level) / Double((1 << format.depth) - 1)
            : (Double(level) - 16 * unit) / (219 * unit)
    }

    private static func difference(_ level: Int, _ format: YUVFormat) -> Double {
        let centered = Double(level - 1 << (format.depth - 1))
        return format.isFullRange
            ? centered / Double((1 << format.depth) - 1)
            : centered / Double(224 << (format.depth - 8))
    }

    /// Where, among the color samples of a line, luma sample `index` lies.
    private static func position(_ index: Int, _ factor: Int, _ site: Double) -> Double {
        (Double(index) - site * Double(factor - 1)) / Double(factor)
    }

    /// Sites of color samples among their luma samples: 0 first, 0.5 center, 1 last.
    private static func sites(_ location: YUVFormat.ChromaLocation) -> (x: Double, y: Double) {
        switch location {
        case .left: (0, 0.5)
        case .center: (0.5, 0.5)
        case .topLeft: (0, 0)
        case .top: (0.5, 0)
        case .bottomLeft: (0, 1)
        case .bottom: (0.5, 1)
        }
    }

    private static func cubic(_ distance: Double) -> Double {
        let x = abs(distance)
        if x <= 1 { return 1.5 * x * x * x - 2.5 * x * x + 1 }
        return x < 2 ? -0.5 * x * x * x + 2.5 * x * x - 4 * x + 2 : 0
    }

    /// RGB planes `[3, height, width]`.
    static func decoded(_ planes: TestPlanes) -> [Double] {
        let (size, format) = (planes.size, planes.format)
        let (red, blue) = weights(format.matrix)
        let green = 1 - red - blue
        let chroma = planes.size(of: 1)
        let sites = sites(format.chromaLocation)
        var result = [Double](repeating: 0, count: 3 * size.area)
        func interpolated(_ plane: Int, _ x: Int, _ y: Int) -> Double {
            let u =
                chroma.width == size.width
                ? Double(x) : position(x, format.subsampling.columns, sites.x)
            let v =
                chroma.height == size.height
                ? Double(y) : position(y, format.subsampling.rows, sites.y)
            var sum = 0.0
            for row in Int(v.rounded(.down)) - 1...Int(v.rounded(.down)) + 2 {
                for column in Int(u.rounded(.down)) - 1...Int(u.rounded(.down)) + 2 {
                    let weight = cubic(v - Double(row)) * cubic(u - Double(column))
                    let near =
                        min(max(row, 0), chroma.height - 1) * chroma.width
                        + min(max(column, 0), chroma.width - 1)
                    sum += weight * difference(planes.levels[plane][near], format)
                }
            }
            return sum
        }
        for y in 0..<size.height {
            for x in 0..<size.width {
                let luma = luma(planes.levels[0][y * size.width + x], format)
                let (cb, cr) = (interpolated(1, x, y), interpolated(2, x, y))
                let r = luma + 2 * (1 - red) * cr
                let b = luma + 2 * (1 - blue) * cb
                let g = (luma - red * r - blue * b) / green
                for (channel, value) in [r, g, b].enumerated() {
                    result[(channel * size.height + y) * size.width + x] = value
                }
            }
        }
        return result
    }

    /// Unrounded levels of Y, U and V of RGB planes.
    static func encoded(_ rgb: [Float], size: FrameSize, format: YUVFormat) -> [[Double]] {
        let (red, blue) = weights(format.matrix)
        let unit = Double(1 << (format.depth - 8))
        let top = Double((1 << format.depth) - 1)
        func components(_ x: Int, _ y: Int) -> [Double] {
            let index =
                min(max(y, 0), size.height - 1) * size.width + min(max(x, 0), size.width - 1)
            let colors = (0..<3).map { min(max(Double(rgb[$0 * size.area + index]), 0), 1) }
            let luma = red * colors[0] + (1 - red - blue) * colors[1] + blue * colors[2]
            return [
                luma, (colors[2] - luma) / (2 * (1 - blue)), (colors[0] - luma) / (2 * (1 - red)),
            ]
        }
        let sites = sites(format.chromaLocation)
        func taps(_ factor: Int, _ site: Double) -> [(Int, Double)] {
            if factor == 1 { return [(0, 1)] }
            return site == 0
                ? [(-1, 0.25), (0, 0.5), (1, 0.25)] : site == 1 ? [(1, 1)] : [(0, 0.5), (1, 0.5)]
        }
        var planes: [[Double]] = [
            (0..<size.area).map {
                let luma = components($0 % size.width, $0 / size.width)[0]
                return format.isFullRange ? luma * top : (16 + 219 * luma) * unit
            }
        ]
        let chroma = format.subsampling.chromaSize(for: size)
        let center = Double(1 << (format.depth - 1))
        for component in 1...2 {
            planes.append(
                (0..<chroma.area).map { index in
                    let x = index % chroma.width * format.subsampling.columns
                    let y = index / chroma.width * format.subsampling.rows
                    var sum = 0.0
                    for (dy, v) in taps(format.subsampling.rows, sites.y) {
                        for (dx, u) in taps(format.subsampling.columns, sites.x) {
                            sum += u * v * components(x + dx, y + dy)[component]
                        }
                    }
                    return center + sum * (format.isFullRange ? top : 224 * unit)
                })
        }
        return planes
    }
}
