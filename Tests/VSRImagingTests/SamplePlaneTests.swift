import Testing

@testable import VSRImaging

@Suite struct SamplePlaneTests {
    /// All halves between two levels, their neighbors among floats, and what lies beyond the range.
    private static func values(top: Int) -> [Float] {
        let halves = (0...top).map { Float($0) + 0.5 }
        return halves + halves.map(\.nextUp) + halves.map(\.nextDown)
            + [-1000, -0.5, -0.25, -0, 0, .leastNonzeroMagnitude, Float(top) + 0.25, 1e6]
    }

    /// Rounds half up, by whole numbers.
    private static func level(_ value: Float, top: Int) -> Int {
        Int(min(max(value + 0.5, 0), Float(top)))
    }

    @Test(arguments: [1, 2]) func bytesAreRoundedToNearest(step: Int) {
        let values = Self.values(top: 255)
        var row = [UInt8](repeating: 7, count: values.count * step)
        row.withUnsafeMutableBytes { bytes in
            guard let base = bytes.baseAddress else { return }
            MutableSamplePlane(base: base, rowBytes: bytes.count, step: step, isWide: false)
                .write(
                    row: 0, count: values.count, from: values, scale: 1, offset: 0, top: 255)
        }
        for (index, value) in values.enumerated() {
            #expect(Int(row[index * step]) == Self.level(value, top: 255), "\(value)")
            if step == 2 { #expect(row[2 * index + 1] == 7) }
        }
    }

    @Test(arguments: [1023, 65535]) func wordsAreRoundedToNearest(top: Int) {
        let values = Self.values(top: top)
        var row = [UInt16](repeating: 0, count: values.count)
        row.withUnsafeMutableBytes { bytes in
            guard let base = bytes.baseAddress else { return }
            MutableSamplePlane(base: base, rowBytes: bytes.count, isWide: true)
                .write(
                    row: 0, count: values.count, from: values, scale: 1, offset: 0,
                    top: Float(top))
        }
        #expect(row.map(Int.init) == values.map { Self.level($0, top: top) })
    }
}
