/// A plane of integer samples in memory.
package struct SamplePlane {
    /// The first sample of the first row.
    package let base: UnsafeRawPointer
    package let rowBytes: Int
    /// Samples from one of this plane to the next: 2 where two planes are interleaved.
    package let step: Int
    /// Whether samples are 16-bit words of the machine's own byte order instead of bytes.
    package let isWide: Bool

    package init(base: UnsafeRawPointer, rowBytes: Int, step: Int = 1, isWide: Bool) {
        self.base = base
        self.rowBytes = rowBytes
        self.step = step
        self.isWide = isWide
    }

    /// The same plane, which lies in memory given for writing.
    package var mutable: MutableSamplePlane {
        MutableSamplePlane(
            base: UnsafeMutableRawPointer(mutating: base), rowBytes: rowBytes, step: step,
            isWide: isWide)
    }

    /// Writes `sample · scale + offset` of the first `count` samples of a row.
    package func read(
        row: Int, count: Int, to target: UnsafeMutablePointer<Float>, scale: Float, offset: Float
    ) {
        let start = base + row * rowBytes
        if isWide {
            Self.convert(
                start.assumingMemoryBound(to: UInt16.self), step, count, target, scale, offset)
        } else {
            Self.convert(
                start.assumingMemoryBound(to: UInt8.self), step, count, target, scale, offset)
        }
    }

    /// `sample · scale + offset` of every `step`-th sample.
    @inline(__always)
    package static func convert<Sample: FixedWidthInteger>(
        _ source: UnsafePointer<Sample>, _ step: Int, _ count: Int,
        _ target: UnsafeMutablePointer<Float>, _ scale: Float, _ offset: Float
    ) {
        if step == 1 {
            for x in 0..<count { target[x] = Float(source[x]) * scale + offset }
        } else {
            for x in 0..<count { target[x] = Float(source[x * step]) * scale + offset }
        }
    }
}

/// A plane of integer samples to be written.
package struct MutableSamplePlane {
    package let base: UnsafeMutableRawPointer
    package let rowBytes: Int
    package let step: Int
    package let isWide: Bool

    package init(base: UnsafeMutableRawPointer, rowBytes: Int, step: Int = 1, isWide: Bool) {
        self.base = base
        self.rowBytes = rowBytes
        self.step = step
        self.isWide = isWide
    }

    /// Writes `value · scale + offset` of a row, rounded to nearest and bounded to `0...top`.
    package func write(
        row: Int, count: Int, from source: UnsafePointer<Float>, scale: Float, offset: Float,
        top: Float
    ) {
        let start = base + row * rowBytes
        if isWide {
            Self.convert(
                source, count, start.assumingMemoryBound(to: UInt16.self), step, scale, offset, top)
        } else {
            Self.convert(
                source, count, start.assumingMemoryBound(to: UInt8.self), step, scale, offset, top)
        }
    }

    @inline(__always)
    private static func convert<Sample: FixedWidthInteger>(
        _ source: UnsafePointer<Float>, _ count: Int, _ target: UnsafeMutablePointer<Sample>,
        _ step: Int, _ scale: Float, _ offset: Float, _ top: Float
    ) {
        func level(_ value: Float) -> Sample {
            let level = min(max(value * scale + offset + 0.5, 0), top)
            // Truncation without a conversion's checks, which would keep the loop from being
            // vectorized: from 2^23 on, floats are whole, and their low bits are the number.
            let nearest = (level + 0x1p23) - 0x1p23
            let whole = nearest > level ? nearest - 1 : nearest
            return Sample(truncatingIfNeeded: (whole + 0x1p23).bitPattern)
        }
        if step == 1 {
            for x in 0..<count { target[x] = level(source[x]) }
        } else {
            for x in 0..<count { target[x * step] = level(source[x]) }
        }
    }
}

/// The planes Y, U and V of a picture.
package struct YUVPlanes: SampleRowSource {
    package let luma: SamplePlane
    package let first: SamplePlane
    package let second: SamplePlane

    package init(luma: SamplePlane, first: SamplePlane, second: SamplePlane) {
        self.luma = luma
        self.first = first
        self.second = second
    }

    package func read(
        component: Int, row: Int, count: Int, to target: UnsafeMutablePointer<Float>, scale: Float,
        offset: Float
    ) {
        let plane = component == 0 ? luma : component == 1 ? first : second
        plane.read(row: row, count: count, to: target, scale: scale, offset: offset)
    }
}

/// The planes Y, U and V of a picture to be written.
package struct MutableYUVPlanes {
    package let luma: MutableSamplePlane
    package let first: MutableSamplePlane
    package let second: MutableSamplePlane

    package init(
        luma: MutableSamplePlane, first: MutableSamplePlane, second: MutableSamplePlane
    ) {
        self.luma = luma
        self.first = first
        self.second = second
    }
}

/// Whatever has the samples of a picture in luma and color differences.
package protocol SampleRowSource {
    /// Writes `sample · scale + offset` of the first `count` samples of a component's row; the
    /// components are Y, U and V.
    func read(
        component: Int, row: Int, count: Int, to target: UnsafeMutablePointer<Float>, scale: Float,
        offset: Float)
}
