import VSRCore
import VSRImaging

/// Makes whole pictures of those that are marked as interlaced: one per frame, of its first field;
/// all others pass unchanged.
///
/// It reads a frame ahead, since moving is told from standing still by the frames around.
public final class Deinterlacer: FrameSource {
    private let source: any FrameSource
    private let isActive: Bool
    private let found: (_ frame: Int) -> Void
    private var hasFound = false
    private var hasStarted = false
    private var position = 0
    private var before: TimedPicture?
    private var current: TimedPicture?
    private var after: TimedPicture?

    /// - Parameters:
    ///   - isActive: Whether interlaced pictures are changed, or only told of.
    ///   - found: Told of the first interlaced frame, when it is read.
    public init(
        _ source: any FrameSource, isActive: Bool = true,
        found: @escaping (_ frame: Int) -> Void = { _ in }
    ) {
        self.source = source
        self.isActive = isActive
        self.found = found
    }

    public var properties: VideoProperties { source.properties }

    public var log: ReadingLog? { source.log }

    public var warnings: [String] { source.warnings }

    public func survey(first count: Int?) throws { try source.survey(first: count) }

    public func next() throws -> TimedFrame? { try nextPicture()?.frame }

    public func nextPicture() throws -> TimedPicture? {
        if !hasStarted {
            hasStarted = true
            current = try source.nextPicture()
            after = try source.nextPicture()
        }
        guard let picture = current else { return nil }
        if picture.firstField != nil, !hasFound {
            hasFound = true
            found(position)
        }
        let result = isActive ? try deinterlaced(picture) : picture
        before = current
        current = after
        after = current == nil ? nil : try source.nextPicture()
        position += 1
        return result
    }

    private func deinterlaced(_ timed: TimedPicture) throws -> TimedPicture {
        guard let field = timed.firstField else { return timed }
        // RGB and gray pictures, which no interlaced video has in practice, come as frames.
        guard case .yuv(let picture) = timed.picture else {
            throw VSRError(
                .unsupported,
                "\(properties.path ?? "the video") has interlaced frames of \(properties.pixelFormat), "
                    + "which are not deinterlaced: --deinterlace off takes them as they are, "
                    + "ffmpeg -i IN -vf bwdif=mode=send_frame OUT makes whole ones")
        }
        // At the ends the frame on the other side stands for the one that is missing.
        let (before, after) = (planes(before, like: picture), planes(after, like: picture))
        let earlier = before ?? after ?? picture.planes
        let later = after ?? before ?? picture.planes
        let result = try PictureMemory.picture(of: picture.size, picture.format)
        let chroma = picture.format.subsampling.chromaSize(for: picture.size)
        for (plane, size) in [
            (\YUVPlanes.luma, picture.size), (\.first, chroma), (\.second, chroma),
        ] {
            Deinterlacing.write(
                .init(
                    before: earlier[keyPath: plane], current: picture.planes[keyPath: plane],
                    after: later[keyPath: plane]),
                size: size, keepsTop: field == .top, to: result.planes[keyPath: plane].mutable,
                top: (1 << picture.format.depth) - 1)
        }
        var deinterlaced = timed
        deinterlaced.picture = .yuv(result)
        deinterlaced.firstField = nil
        return deinterlaced
    }

    /// `nil` where a neighbor has another size or other samples, as in joined recordings.
    private func planes(_ timed: TimedPicture?, like current: YUVPicture) -> YUVPlanes? {
        guard case .yuv(let picture)? = timed?.picture, picture.size == current.size,
            picture.format == current.format
        else { return nil }
        return picture.planes
    }
}

/// Memory of a picture that no codec has made.
final class PictureMemory {
    private let base: UnsafeMutableRawPointer

    private init(count: Int) { base = .allocate(byteCount: max(count, 1), alignment: 64) }

    deinit { base.deallocate() }

    /// A picture whose samples are not set yet.
    static func picture(of size: FrameSize, _ format: YUVFormat) throws -> YUVPicture {
        let chroma = format.subsampling.chromaSize(for: size)
        let memory = PictureMemory(
            count: (size.area + 2 * chroma.area) * format.bytesPerSample)
        var offset = 0
        func plane(_ size: FrameSize) -> SamplePlane {
            defer { offset += size.area * format.bytesPerSample }
            return SamplePlane(
                base: UnsafeRawPointer(memory.base + offset),
                rowBytes: size.width * format.bytesPerSample, isWide: format.depth > 8)
        }
        let planes = YUVPlanes(
            luma: plane(size), first: plane(chroma), second: plane(chroma))
        return YUVPicture(size: size, format: format, planes: planes, memory: memory)
    }
}
