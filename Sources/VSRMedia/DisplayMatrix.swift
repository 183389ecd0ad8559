import CLibAV
import VSRCore
import VSRImaging

/// How players are to turn a picture.
struct DisplayMatrix: Equatable {
    /// `[a, b, u, c, d, v, x, y, w]`: a point (x, y) goes to (a·x + c·y, b·x + d·y), in 16.16.
    let numbers: [Int32]

    init(_ numbers: [Int32]) { self.numbers = numbers }

    /// The matrix of a stream, if it has one.
    init?(of stream: UnsafeMutablePointer<AVStream>) {
        for index in 0..<Int(stream.pointee.nb_side_data) {
            guard let item = stream.pointee.side_data?[index], let data = item.data,
                item.type == AV_PKT_DATA_DISPLAYMATRIX, item.size >= 36
            else { continue }
            numbers = (0..<9).map {
                UnsafeRawPointer(data).loadUnaligned(fromByteOffset: 4 * $0, as: Int32.self)
            }
            return
        }
        return nil
    }

    /// The turn by a multiple of 90°, mirrored or not; `nil` for any other matrix.
    var turn: QuarterTurn? {
        guard numbers.count == 9 else { return nil }
        let signs = [numbers[0], numbers[1], numbers[3], numbers[4]].map { $0.signum() }
        guard (signs[0] == 0) == (signs[3] == 0), (signs[1] == 0) == (signs[2] == 0),
            (signs[0] == 0) != (signs[1] == 0)
        else { return nil }
        return QuarterTurn(a: Int(signs[0]), b: Int(signs[1]), c: Int(signs[2]), d: Int(signs[3]))
    }
}

/// A turn by a multiple of 90°, mirrored or not: a point (x, y) goes to (a·x + c·y, b·x + d·y).
struct QuarterTurn: Equatable {
    let a: Int
    let b: Int
    let c: Int
    let d: Int

    var isIdentity: Bool { a == 1 && d == 1 }

    /// Whether width and height change places.
    var isTransposing: Bool { a == 0 }

    /// Degrees clockwise; of a mirrored one, those before it is mirrored from left to right.
    var degrees: Int {
        switch (a != 0 ? d : b, isTransposing) {
        case (1, false): 0
        case (_, false): 180
        case (1, true): 90
        default: 270
        }
    }

    func size(of size: FrameSize) -> FrameSize {
        isTransposing ? FrameSize(width: size.height, height: size.width) : size
    }

    /// The turned picture; samples are moved, none is computed.
    func apply(to frame: Frame) -> Frame {
        var turned = Frame(size: size(of: frame.size))
        turned.samples = turnedPlanes(frame.samples, of: frame.size, count: Frame.channels)
        return turned
    }

    /// The turned plane; samples are moved, none is computed.
    func apply(to alpha: AlphaPlane) -> AlphaPlane {
        AlphaPlane(
            size: size(of: alpha.size),
            samples: turnedPlanes(alpha.samples, of: alpha.size, count: 1))
    }

    private func turnedPlanes(_ samples: [Float], of size: FrameSize, count: Int) -> [Float] {
        let (width, height) = (size.width, size.height)
        var turned = [Float](repeating: 0, count: samples.count)
        // What moves the picture back to coordinates from 0.
        let x0 = (a < 0 ? width - 1 : 0) + (c < 0 ? height - 1 : 0)
        let y0 = (b < 0 ? width - 1 : 0) + (d < 0 ? height - 1 : 0)
        let row = self.size(of: size).width
        for channel in 0..<count {
            let base = channel * size.area
            for y in 0..<height {
                for x in 0..<width {
                    let target = (b * x + d * y + y0) * row + a * x + c * y + x0
                    turned[base + target] = samples[base + y * width + x]
                }
            }
        }
        return turned
    }
}
