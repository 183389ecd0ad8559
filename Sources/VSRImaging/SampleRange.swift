/// How integer samples map to luma in `0...1` and color differences in `-0.5...0.5`:
/// `sample · scale + offset`.
///
/// Source: ITU-R BT.709-6 and BT.2020-2 (limited range), H.273 (full range), for any depth.
package struct SampleRange: Sendable {
    package let lumaScale: Float
    package let lumaOffset: Float
    package let differenceScale: Float
    package let differenceOffset: Float

    package init(depth: Int, isFull: Bool) {
        let unit = Double(1 << (depth - 8 > 0 ? depth - 8 : 0))
        let top = Double((1 << depth) - 1)
        let middle = Double(1 << (depth - 1))
        let luma = isFull ? top : 219 * unit
        let difference = isFull ? top : 224 * unit
        lumaScale = Float(1 / luma)
        lumaOffset = isFull ? 0 : Float(-16 / 219.0)
        differenceScale = Float(1 / difference)
        differenceOffset = Float(-middle / difference)
    }
}
