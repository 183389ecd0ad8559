import Foundation
import VSRCore
import VSRMedia

/// Where a streamed clip's frames come from.
enum ClipContents: Sendable {
    /// All of them, in memory.
    case kept(FrameBlock)
    /// A folder, any frame at a time.
    case pictures(ClipPictures)
    /// A source that is read from its beginning.
    case sequence(ClipSource)
}

/// A folder of pictures, of which any can be read.
struct ClipPictures: Sendable {
    let folder: String
    /// File names in the order of the frames.
    let names: [String]
    /// Size of the first one.
    let size: FrameSize

    /// - Throws: `notFound` without the folder or pictures in it; what reading the first one's size
    ///   throws.
    init(folder: String) throws {
        let paths = try ImageSequenceReader.pictures(in: folder)
        guard let first = paths.first else {
            throw VSRError(.notFound, "the folder \(folder) holds no PNG or JPEG pictures")
        }
        self.folder = folder
        names = paths.map { ($0 as NSString).lastPathComponent }
        size = try ImageFile.size(of: first)
    }

    /// - Throws: `shapeMismatch` where the picture has another size than the first one; what reading
    ///   throws, with a remedy.
    func read(_ index: Int, of clip: String) throws -> ByteFrame {
        let path = (folder as NSString).appendingPathComponent(names[index])
        let frame: ByteFrame
        do {
            frame = try ImageFile.readBytes(path)
        } catch let error as VSRError {
            var explained = error
            explained.message += "; replace the picture or leave out the clip \(clip)"
            throw explained
        }
        guard frame.size == size else {
            throw VSRError(
                .shapeMismatch,
                "\(path) is \(frame.size) but the first picture of its folder is \(size): all must "
                    + "have one size")
        }
        return frame
    }
}

/// Finds out what clips hold, and keeps what has to be decoded for that while there is room.
struct ClipSurvey: Sendable {
    let degrader: FrameDegrader
    let budget: MemoryBudget
    let cancellation: Cancellation?

    /// - Throws: as opening and decoding do; `cancelled`.
    func clip(_ source: ClipSource) throws -> (shape: ClipShape, contents: ClipContents) {
        try cancellation?.check()
        if let folder = source.pictureFolder {
            let pictures = try ClipPictures(folder: folder)
            let shape = try shape(source, pictures.size, frames: pictures.names.count)
            return (shape, .pictures(pictures))
        }
        let input = try source.open()
        let size = try shape(source, input.properties.size, frames: 0).size
        let (count, kept) = try read(input, size, source)
        let found = try shape(source, input.properties.size, frames: count)
        return (found, kept.map { .kept($0) } ?? .sequence(source))
    }

    private func shape(
        _ source: ClipSource, _ size: FrameSize, frames: Int
    ) throws -> ClipShape {
        ClipShape(
            name: source.name, location: source.location,
            size: try ClipShape.trainedSize(
                of: size, scale: degrader.scale, location: source.location), frameCount: frames)
    }

    /// The number of frames, and all of them where there is room.
    private func read(
        _ input: any FrameSource, _ size: FrameSize, _ source: ClipSource
    ) throws -> (count: Int, kept: FrameBlock?) {
        let frameBytes = ClipShape.frameBytes(size, scale: degrader.scale)
        var kept = FrameBlock()
        let expected = min(
            input.properties.frameCount ?? 0,
            max(budget.limit - budget.usedBytes, 0) / frameBytes)
        kept.highResolution.reserveCapacity(expected * 3 * size.area)
        kept.lowResolution.reserveCapacity(expected * (frameBytes - 3 * size.area))
        var count = 0
        do {
            while budget.take(frameBytes) {
                try cancellation?.check()
                guard let timed = try input.next() else {
                    budget.giveBack(frameBytes)
                    return (count, kept)
                }
                count += 1
                let (high, low) = try degrader.pair(
                    ByteFrame(rounding: timed.frame), size: size, location: source.location)
                kept.highResolution += high.samples
                kept.lowResolution += low.samples
            }
        } catch {
            budget.giveBack(frameBytes + kept.bytes)
            throw error
        }
        budget.giveBack(kept.bytes)
        kept = FrameBlock()
        while try input.nextPicture() != nil {
            try cancellation?.check()
            count += 1
        }
        return (count, nil)
    }
}

extension StreamedClips {
    /// Bytes that clips would take in memory, as far as files tell without being decoded.
    ///
    /// Exact for folders of pictures; of videos it is what the container claims. Rendered clips, and
    /// videos that claim nothing, count as nothing.
    ///
    /// - Throws: what opening throws; `cancelled`.
    public static func expectedBytes(
        of sources: [ClipSource], scale: Int, options: LoadingOptions = LoadingOptions()
    ) throws -> Int {
        try parallelMap(sources.count, threads: options.threads) { index -> Int in
            try options.cancellation?.check()
            let source = sources[index]
            guard source.isFile else { return 0 }
            let (size, count): (FrameSize, Int)
            if let folder = source.pictureFolder {
                let pictures = try ClipPictures(folder: folder)
                (size, count) = (pictures.size, pictures.names.count)
            } else {
                let properties = try source.open().properties
                (size, count) = (properties.size, properties.frameCount ?? 0)
            }
            return count
                * ClipShape.frameBytes(size.rounded(downToMultipleOf: scale), scale: scale)
        }.reduce(0, +)
    }
}
