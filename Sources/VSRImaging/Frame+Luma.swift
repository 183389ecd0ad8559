import VSRCore

/// Luma of BT.601 at 8 bits, from RGB in `0...1`: 16 at black, 235 at white.
///
/// Source: ITU-R BT.601-7, as in MATLAB's `rgb2ycbcr`.
enum LumaWeights {
    static let offset = 16.0
    static let red = 65.481
    static let green = 128.553
    static let blue = 24.966
}

extension Frame {
    /// Luma `[height, width]` in units of 8-bit levels, unrounded: 16 at black, 235 at white.
    public var luma: [Float] {
        let area = size.area
        return [Float](unsafeUninitializedCapacity: area) { luma, count in
            samples.withUnsafeBufferPointer { rgb in
                for index in 0..<area {
                    luma[index] = Float(
                        LumaWeights.offset + LumaWeights.red * Double(rgb[index])
                            + LumaWeights.green * Double(rgb[area + index])
                            + LumaWeights.blue * Double(rgb[2 * area + index]))
                }
            }
            count = area
        }
    }

    /// The same picture without color: every plane holds the luma, 0 at black and 1 at white.
    public var gray: Frame {
        let plane = luma.map { ($0 - 16) / 219 }
        return Frame(size: size, samples: plane + plane + plane)
    }
}
