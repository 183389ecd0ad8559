import VSRCore

/// How large upscaled pictures are to be, where that is not what the network makes.
public enum OutputSize: Sendable, Equatable {
    /// So many output pixels per input pixel along each axis.
    case scale(Double)
    /// Pixels from top to bottom as players show the picture; the width follows.
    case height(Int)

    /// The size of pictures that a network makes at `natural` from `input`.
    ///
    /// Sides are rounded to even numbers, which video codecs want.
    ///
    /// - Parameter isTurned: Whether players turn the picture by a quarter.
    /// - Throws: `invalidArgument` if it is not from 1 pixel to what the network makes.
    func size(of input: FrameSize, natural: FrameSize, isTurned: Bool) throws -> FrameSize {
        let factor: Double
        let name: String
        switch self {
        case .scale(let scale):
            factor = scale
            name = "--scale \(scale == scale.rounded() ? "\(Int(scale))" : "\(scale)")"
        case .height(let height):
            factor = Double(height) / Double(isTurned ? input.width : input.height)
            name = "--height \(height)"
        }
        let most = Double(natural.width) / Double(input.width)
        guard factor.isFinite, factor > 0, factor <= most else {
            let highest = isTurned ? natural.width : natural.height
            throw VSRError(
                .invalidArgument,
                "\(name) is beyond what the network makes of \(input): \(natural), which is "
                    + "--scale \(Int(most)) or --height \(highest)")
        }
        if factor == most { return natural }
        func side(_ length: Int) -> Int { max(Int((Double(length) * factor / 2).rounded()) * 2, 2) }
        return FrameSize(width: side(input.width), height: side(input.height))
    }
}
