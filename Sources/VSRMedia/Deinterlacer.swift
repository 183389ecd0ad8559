import VSRCore
import VSRImaging

/// Makes whole pictures of those that are marked as interlaced: one per frame, of its first field;
/// all others pass unchanged.
///
/// It reads a frame beyond an interlaced one, since moving is told from standing still by the frames around.
public final class Deinterlacer: FrameSource {
    private let source: any FrameSource
    private let mode: Mode
    private var combs = CombingDetector()
    private let found: (Finding) -> Void
    private var hasFound = false
    private var position = 0
    private var before: TimedPicture?
    private var after: TimedPicture?
    /// What keeps the picture after from being read.
    private var failure: (any Error)?

    /// What is done.
    public enum Mode: String, Sendable, Codable, CaseIterable {
        /// Pictures that are marked as interlaced become whole ones.
        case auto
        /// All pictures are taken as they are.
        case off
        /// All pictures are taken for interlaced, of which the field of the first row, or that of the
        /// second, is shown first.
        case top, bottom
    }

    /// What users should know of.
    public enum Finding: Sendable, Equatable {
        /// From this frame on pictures are marked as interlaced.
        case marked(frame: Int)
        /// Pictures look interlaced, though they are not marked so.
        case unmarked
    }

    /// - Parameter found: Told once of each.
    public init(
        _ source: any FrameSource, mode: Mode = .auto,
        found: @escaping (Finding) -> Void = { _ in }
    ) {
        self.source = source
        self.mode = mode
        self.found = found
    }

    public var properties: VideoProperties { source.properties }

    public var log: ReadingLog? { source.log }

    public var warnings: [String] { source.warnings }

    public func survey(first count: Int?) throws { try source.survey(first: count) }

    public func next() throws -> TimedFrame? { try nextPicture()?.frame }

    public func stop() { source.stop() }

    public func nextPicture() throws -> TimedPicture? {
        if let failure {
            self.failure = nil
            throw failure
        }
        guard var picture = try after ?? source.nextPicture() else { return nil }
        after = nil
        look(at: picture)
        switch mode {
        case .auto: break
        case .off: picture.firstField = nil
        case .top, .bottom:
            // Pictures of another size than the first are scaled already.
            if case .yuv = picture.picture { picture.firstField = mode == .top ? .top : .bottom }
        }
        let result = try deinterlaced(picture)
        before = picture
        position += 1
        return result
    }

    private func look(at picture: TimedPicture) {
        guard mode == .auto || mode == .off, !hasFound else { return }
        if picture.firstField != nil {
            hasFound = true
            found(.marked(frame: position))
        } else if case .yuv(let planes) = picture.picture, !combs.isDone {
            combs.observe(planes)
            guard combs.isCombed else { return }
            hasFound = true
            found(.unmarked)
        }
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
        do {
            after = try source.nextPicture()
        } catch {
            // This picture is whole.
            failure = error
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
