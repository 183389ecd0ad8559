import VSRCore
import VSRImaging

/// Bytes from row to row of the planes Y, U and V.
public struct YUVRowBytes: Sendable, Hashable {
    public var y: Int
    public var u: Int
    public var v: Int

    public init(y: Int, u: Int, v: Int) {
        self.y = y
        self.u = u
        self.v = v
    }

    /// Of planes whose color samples are interleaved (NV12).
    public init(y: Int, uv: Int) { self.init(y: y, u: uv, v: uv) }
}

extension PictureSource {
    /// A decoder's planes Y, U and V as they are; color planes round up to whole samples.
    ///
    /// They become RGB as in `VSRMedia`: in floats, color differences by cubic interpolation at
    /// their sites, unrounded.
    ///
    /// - Parameter rowBytes: By default rows follow each other without gaps.
    /// - Throws: `shapeMismatch` if the picture has no pixels or does not fit into the memory,
    ///   `invalidArgument` for 16-bit samples at odd addresses, `unsupported` for a format beyond
    ///   8…16 bits and 1, 2 or 4 luma columns and rows per color sample.
    public static func yuv(
        _ y: UnsafeRawBufferPointer, _ u: UnsafeRawBufferPointer, _ v: UnsafeRawBufferPointer,
        size: FrameSize, format: YUVFormat, rowBytes: YUVRowBytes? = nil
    ) throws -> PictureSource {
        let memory = try YUVMemory(size: size, format: format)
        let planes = YUVPlanes(
            luma: try memory.luma(y, rowBytes?.y),
            first: try memory.color(u, rowBytes?.u, "U"),
            second: try memory.color(v, rowBytes?.v, "V"))
        return PictureSource(size: size, storage: .yuv(planes, format))
    }

    /// The same with color samples U and V alternating in one plane, as in NV12.
    public static func yuv(
        _ y: UnsafeRawBufferPointer, interleaved uv: UnsafeRawBufferPointer, size: FrameSize,
        format: YUVFormat, rowBytes: YUVRowBytes? = nil
    ) throws -> PictureSource {
        let memory = try YUVMemory(size: size, format: format)
        let (first, second) = try memory.interleaved(uv, rowBytes?.u)
        let planes = YUVPlanes(
            luma: try memory.luma(y, rowBytes?.y), first: first, second: second)
        return PictureSource(size: size, storage: .yuv(planes, format))
    }
}

extension PictureSource {
    /// A picture as a decoder gave it; it must outlive the call that this source is given to.
    static func yuv(_ picture: YUVPicture) throws -> PictureSource {
        try picture.format.validate()
        return PictureSource(size: picture.size, storage: .yuv(picture.planes, picture.format))
    }
}

extension PictureTarget {
    /// A picture that an encoder is to be given; it must outlive the call that this target is given
    /// to.
    static func yuv(_ picture: YUVPicture) throws -> PictureTarget {
        try YUVEncoder.check(picture.format.subsampling)
        return PictureTarget(
            size: picture.size, storage: .yuv(picture.writablePlanes, picture.format))
    }

    /// An encoder's planes Y, U and V; color planes round up to whole samples.
    ///
    /// They are made as in `VSRMedia`: clamped, color differences averaged at their sites, rounded
    /// once.
    ///
    /// - Parameter rowBytes: By default rows follow each other without gaps.
    /// - Throws: `shapeMismatch` if the picture has no pixels or does not fit into the memory,
    ///   `invalidArgument` for 16-bit samples at odd addresses, `unsupported` for a format beyond
    ///   8…16 bits and 1 or 2 luma columns and rows per color sample.
    public static func yuv(
        _ y: UnsafeMutableRawBufferPointer, _ u: UnsafeMutableRawBufferPointer,
        _ v: UnsafeMutableRawBufferPointer, size: FrameSize, format: YUVFormat,
        rowBytes: YUVRowBytes? = nil
    ) throws -> PictureTarget {
        let memory = try YUVMemory(writing: size, format: format)
        let planes = MutableYUVPlanes(
            luma: try memory.luma(.init(y), rowBytes?.y).mutable,
            first: try memory.color(.init(u), rowBytes?.u, "U").mutable,
            second: try memory.color(.init(v), rowBytes?.v, "V").mutable)
        return PictureTarget(size: size, storage: .yuv(planes, format))
    }

    /// The same with color samples U and V alternating in one plane, as in NV12.
    public static func yuv(
        _ y: UnsafeMutableRawBufferPointer, interleaved uv: UnsafeMutableRawBufferPointer,
        size: FrameSize, format: YUVFormat, rowBytes: YUVRowBytes? = nil
    ) throws -> PictureTarget {
        let memory = try YUVMemory(writing: size, format: format)
        let (first, second) = try memory.interleaved(.init(uv), rowBytes?.u)
        let planes = MutableYUVPlanes(
            luma: try memory.luma(.init(y), rowBytes?.y).mutable, first: first.mutable,
            second: second.mutable)
        return PictureTarget(size: size, storage: .yuv(planes, format))
    }
}

/// Checks the memory of a picture's planes.
private struct YUVMemory {
    let size: FrameSize
    let format: YUVFormat

    init(size: FrameSize, format: YUVFormat) throws {
        try format.validate()
        let limit = PreparedNetwork.longestSide * 4
        guard (1...limit).contains(size.width), (1...limit).contains(size.height) else {
            throw VSRError(
                .shapeMismatch,
                "a picture of \(size) cannot be in planes: give sides of 1 to \(limit) pixels")
        }
        self.size = size
        self.format = format
    }

    init(writing size: FrameSize, format: YUVFormat) throws {
        try self.init(size: size, format: format)
        try YUVEncoder.check(format.subsampling)
    }

    func luma(_ memory: UnsafeRawBufferPointer, _ rowBytes: Int?) throws -> SamplePlane {
        try plane(memory, size, step: 1, rowBytes, "Y")
    }

    func color(
        _ memory: UnsafeRawBufferPointer, _ rowBytes: Int?, _ name: String
    ) throws -> SamplePlane {
        try plane(memory, format.subsampling.chromaSize(for: size), step: 1, rowBytes, name)
    }

    func interleaved(
        _ memory: UnsafeRawBufferPointer, _ rowBytes: Int?
    ) throws -> (SamplePlane, SamplePlane) {
        let first = try plane(
            memory, format.subsampling.chromaSize(for: size), step: 2, rowBytes, "UV")
        let second = SamplePlane(
            base: first.base + format.bytesPerSample, rowBytes: first.rowBytes, step: 2,
            isWide: first.isWide)
        return (first, second)
    }

    private func plane(
        _ memory: UnsafeRawBufferPointer, _ plane: FrameSize, step: Int, _ rowBytes: Int?,
        _ name: String
    ) throws -> SamplePlane {
        let layout = PictureLayout(
            rowLength: plane.width * step * format.bytesPerSample, rowStride: rowBytes)
        let base: UnsafePointer<UInt8>
        do {
            base = try layout.check(memory.bindMemory(to: UInt8.self), size: plane)
        } catch let error as VSRError {
            throw VSRError(error.code, "plane \(name): \(error.message)")
        }
        let isWide = format.depth > 8
        let address = Int(bitPattern: base)
        guard !isWide || (address % 2 == 0 && layout.rowStride % 2 == 0) else {
            throw VSRError(
                .invalidArgument,
                "plane \(name) of 16-bit samples begins at an odd address or has rows of "
                    + "\(layout.rowStride) bytes: both must be even")
        }
        return SamplePlane(
            base: UnsafeRawPointer(base), rowBytes: layout.rowStride, step: step, isWide: isWide)
    }
}
