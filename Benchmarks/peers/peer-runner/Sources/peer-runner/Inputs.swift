import Foundation
import VSRCore

/// Three pictures and a flow that every engine gets alike.
struct Inputs {
    var clip: [Frame]
    /// dx and dy in pixels, `[2, height, width]`.
    var flow: [Float]

    init(_ path: String, size: FrameSize) throws {
        let data = try Data(contentsOf: URL(filePath: path))
        let values = data.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
        let picture = Frame.channels * size.area
        guard values.count == 3 * picture + 2 * size.area else {
            throw VSRError(
                .shapeMismatch,
                "\(path) holds \(values.count) values; three pictures and a flow of \(size) are "
                    + "\(3 * picture + 2 * size.area)")
        }
        clip = (0..<3).map {
            Frame(size: size, samples: Array(values[$0 * picture..<($0 + 1) * picture]))
        }
        flow = Array(values[(3 * picture)...])
    }
}
