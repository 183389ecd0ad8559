import VSRCore
import VSRImaging

/// A picture in the caller's memory, which is read only during the call it is given to.
public struct PictureSource {
    enum Storage {
        case planarFloats(UnsafePointer<Float>, planeStride: Int, rowStride: Int)
        case interleavedBytes(UnsafePointer<UInt8>, rowStride: Int)
        case yuv(YUVPlanes, YUVFormat)
    }

    public let size: FrameSize
    let storage: Storage

    /// Planes R, G, B of values in `0...1`; strides in floats, by default without gaps.
    ///
    /// - Throws: `shapeMismatch` if the picture has no pixels or does not fit into the memory.
    public static func planarFloats(
        _ samples: UnsafeBufferPointer<Float>, size: FrameSize, planeStride: Int? = nil,
        rowStride: Int? = nil
    ) throws -> PictureSource {
        let layout = PictureLayout(planarOf: size, planeStride: planeStride, rowStride: rowStride)
        let base = try layout.check(samples, size: size)
        return PictureSource(
            size: size,
            storage: .planarFloats(
                base, planeStride: layout.planeStride, rowStride: layout.rowStride))
    }

    /// Pixels of three bytes R, G, B; the stride of rows in bytes, by default without gaps.
    ///
    /// - Throws: `shapeMismatch` if the picture has no pixels or does not fit into the memory.
    public static func interleavedBytes(
        _ samples: UnsafeBufferPointer<UInt8>, size: FrameSize, rowStride: Int? = nil
    ) throws -> PictureSource {
        let layout = PictureLayout(interleavedOf: size, rowStride: rowStride)
        let base = try layout.check(samples, size: size)
        return PictureSource(
            size: size, storage: .interleavedBytes(base, rowStride: layout.rowStride))
    }

    /// Copies the picture to dense planes `[3, height, width]`.
    func copyPlanes(
        to planes: UnsafeMutablePointer<Float>, using conversion: PooledYUVConversion
    ) {
        switch storage {
        case .planarFloats(let base, let planeStride, let rowStride):
            for channel in 0..<Frame.channels {
                for y in 0..<size.height {
                    let target = planes + (channel * size.height + y) * size.width
                    target.update(
                        from: base + channel * planeStride + y * rowStride, count: size.width)
                }
            }
        case .interleavedBytes(let base, let rowStride):
            for y in 0..<size.height {
                let source = base + y * rowStride
                let target = planes + y * size.width
                for x in 0..<size.width {
                    for channel in 0..<Frame.channels {
                        target[channel * size.area + x] = Float(source[3 * x + channel]) / 255
                    }
                }
            }
        case .yuv(let picture, let format):
            conversion.decode(picture, format, size: size, to: planes)
        }
    }
}

/// Memory of the caller that a high-resolution picture is written to.
public struct PictureTarget {
    enum Storage {
        case planarFloats(UnsafeMutablePointer<Float>, planeStride: Int, rowStride: Int)
        case planarBytes(UnsafeMutablePointer<UInt8>, planeStride: Int, rowStride: Int)
        case interleavedBytes(UnsafeMutablePointer<UInt8>, rowStride: Int)
        case yuv(MutableYUVPlanes, YUVFormat)
    }

    public let size: FrameSize
    let storage: Storage

    /// Planes R, G, B, values as the network gives them (they may leave `0...1`); strides in
    /// floats, by default without gaps.
    ///
    /// - Throws: `shapeMismatch` if the picture has no pixels or does not fit into the memory.
    public static func planarFloats(
        _ samples: UnsafeMutableBufferPointer<Float>, size: FrameSize, planeStride: Int? = nil,
        rowStride: Int? = nil
    ) throws -> PictureTarget {
        let layout = PictureLayout(planarOf: size, planeStride: planeStride, rowStride: rowStride)
        let base = try layout.check(UnsafeBufferPointer(samples), size: size)
        return PictureTarget(
            size: size,
            storage: .planarFloats(
                UnsafeMutablePointer(mutating: base), planeStride: layout.planeStride,
                rowStride: layout.rowStride))
    }

    /// Planes R, G, B, rounded to 8 bits; strides in bytes, by default without gaps.
    ///
    /// - Throws: `shapeMismatch` if the picture has no pixels or does not fit into the memory.
    public static func planarBytes(
        _ samples: UnsafeMutableBufferPointer<UInt8>, size: FrameSize, planeStride: Int? = nil,
        rowStride: Int? = nil
    ) throws -> PictureTarget {
        let layout = PictureLayout(planarOf: size, planeStride: planeStride, rowStride: rowStride)
        let base = try layout.check(UnsafeBufferPointer(samples), size: size)
        return PictureTarget(
            size: size,
            storage: .planarBytes(
                UnsafeMutablePointer(mutating: base), planeStride: layout.planeStride,
                rowStride: layout.rowStride))
    }

    /// Pixels of three bytes R, G, B; the stride of rows in bytes, by default without gaps.
    ///
    /// - Throws: `shapeMismatch` if the picture has no pixels or does not fit into the memory.
    public static func interleavedBytes(
        _ samples: UnsafeMutableBufferPointer<UInt8>, size: FrameSize, rowStride: Int? = nil
    ) throws -> PictureTarget {
        let layout = PictureLayout(interleavedOf: size, rowStride: rowStride)
        let base = try layout.check(UnsafeBufferPointer(samples), size: size)
        return PictureTarget(
            size: size,
            storage: .interleavedBytes(
                UnsafeMutablePointer(mutating: base), rowStride: layout.rowStride))
    }

    /// Writes a finished frame of this size.
    func store(_ frame: Frame, using conversion: PooledYUVConversion) throws {
        try frame.samples.withUnsafeBufferPointer { samples in
            if case .yuv(let planes, let format) = storage, let base = samples.baseAddress {
                return try conversion.encode(base, size: size, format, to: planes)
            }
            for channel in 0..<Frame.channels {
                for y in 0..<size.height {
                    let start = (channel * size.height + y) * size.width
                    storeRow(samples[start..<start + size.width], channel: channel, y: y)
                }
            }
        }
    }

    private func storeRow(_ row: Slice<UnsafeBufferPointer<Float>>, channel: Int, y: Int) {
        for (x, value) in row.enumerated() {
            switch storage {
            case .planarFloats(let base, let planeStride, let rowStride):
                base[channel * planeStride + y * rowStride + x] = value
            case .planarBytes(let base, let planeStride, let rowStride):
                base[channel * planeStride + y * rowStride + x] = Self.byte(value)
            case .interleavedBytes(let base, let rowStride):
                base[y * rowStride + 3 * x + channel] = Self.byte(value)
            case .yuv:
                break
            }
        }
    }

    /// Clamped, × 255, halves rounded up; NaN is 0.
    private static func byte(_ value: Float) -> UInt8 {
        let scaled = value * 255 + 0.5
        return scaled > 0 ? UInt8(min(scaled, 255)) : 0
    }
}
