import VSRCore

/// Tells pictures that consist of two fields, though nothing in their file says so: where something
/// moves, each row differs from both neighbors, as the teeth of a comb, and not from the rows beyond.
///
/// Of 87 moving clips none was taken for interlaced; of the same clips with two frames woven into each
/// 66 were found (`scripts/check-combing`).
public struct CombingDetector {
    private enum Limit {
        /// Levels of 8 bits by which a pixel has changed since the picture before, and by which it must
        /// stand out from the rows around it.
        static let change = 8
        static let tooth = 12
        /// Teeth of rows next to each other in multiples of those of every other row.
        static let ratio = 1.2
        /// The share of a picture's pixels that must be teeth for it to say anything, and how many
        /// pictures must.
        static let share = 0.001
        static let pictures = 6
        /// Pictures that are looked at; those that say something, of all.
        static let most = 12
        static let longest = 300
    }

    private var last: YUVPicture?
    private var seen = 0
    private var telling = 0
    private var near = 0
    private var far = 0

    public init() {}

    /// Whether it has seen enough.
    public var isDone: Bool { telling >= Limit.most || seen >= Limit.longest }

    /// Whether the pictures seen so far are woven of two fields.
    public var isCombed: Bool {
        telling >= Limit.pictures && Double(near) > Limit.ratio * Double(max(far, 1))
    }

    /// Takes the next picture.
    public mutating func observe(_ picture: YUVPicture) {
        defer { last = isDone ? nil : picture }
        guard !isDone else { return }
        seen += 1
        guard let last, last.size == picture.size, last.format == picture.format,
            picture.size.height > 4, picture.planes.luma.step == 1, last.planes.luma.step == 1
        else { return }
        let teeth =
            picture.format.depth > 8
            ? Self.teeth(picture, last, UInt16.self) : Self.teeth(picture, last, UInt8.self)
        guard Double(teeth.near) > Limit.share * Double(picture.size.area) else { return }
        telling += 1
        near += teeth.near
        far += teeth.far
    }

    private static func teeth<Sample: FixedWidthInteger>(
        _ picture: YUVPicture, _ last: YUVPicture, _: Sample.Type
    ) -> (near: Int, far: Int) {
        let shift = picture.format.depth - 8
        let change = Limit.change << max(shift, 0)
        let tooth = Limit.tooth << max(shift, 0)
        func row(_ picture: YUVPicture, _ y: Int) -> UnsafePointer<Sample> {
            let plane = picture.planes.luma
            return (plane.base + y * plane.rowBytes).assumingMemoryBound(to: Sample.self)
        }
        var (near, far) = (0, 0)
        for y in 2..<picture.size.height - 2 {
            let (here, before) = (row(picture, y), row(last, y))
            let (above, below) = (row(picture, y - 1), row(picture, y + 1))
            let (above2, below2) = (row(picture, y - 2), row(picture, y + 2))
            for x in 0..<picture.size.width {
                let value = Int(here[x])
                guard abs(value - Int(before[x])) > change else { continue }
                if stands(value, out: Int(above[x]), Int(below[x]), by: tooth) { near += 1 }
                if stands(value, out: Int(above2[x]), Int(below2[x]), by: tooth) { far += 1 }
            }
        }
        return (near, far)
    }

    /// Whether a value lies above or below both others.
    private static func stands(_ value: Int, out first: Int, _ second: Int, by tooth: Int) -> Bool {
        (value - first > tooth && value - second > tooth)
            || (first - value > tooth && second - value > tooth)
    }
}
