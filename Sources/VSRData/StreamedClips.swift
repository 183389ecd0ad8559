import Synchronization
import VSRCore
import VSRImaging
import VSRMedia

/// High-resolution clips that are decoded and degraded as their frames are wanted, within a memory
/// limit.
///
/// Every frame equals that of ``TrainingClips``, bit for bit, whatever the limit. Of folders of
/// pictures only the wanted frames are decoded; the ones used last stay in memory. Videos are
/// decoded once beforehand, because nothing else tells how many frames they hold: as many as fit
/// are kept, the others are decoded again from their beginning up to the wanted frames.
public final class StreamedClips: Sendable {
    /// Output pixels per input pixel along each axis.
    public let scale: Int
    /// Threads that decode ahead.
    public let threads: Int

    let shapes: [ClipShape]
    private let contents: [ClipContents]
    private let budget: MemoryBudget
    private let cache: FrameCache
    private let degrader: FrameDegrader
    private let decoded = Atomic<Int>(0)

    /// Number of clips.
    public var count: Int { shapes.count }

    public var names: [String] { shapes.map(\.name) }

    /// Number of frames of all clips.
    public var frameCount: Int { shapes.reduce(0) { $0 + $1.frameCount } }

    /// Bytes that all frames would take.
    public var bytes: Int {
        shapes.reduce(0) { $0 + $1.frameCount * ClipShape.frameBytes($1.size, scale: scale) }
    }

    /// Bytes that kept frames may take.
    ///
    /// Beside them each thread has one frame in its hands.
    public var memoryLimit: Int { budget.limit }

    /// The most bytes that kept frames have taken at any time.
    public var peakBytes: Int { budget.peakBytes }

    /// Frames that were degraded to be cropped, since the clips were looked through.
    public var decodedFrames: Int { decoded.load(ordering: .relaxed) }

    /// Looks through the clips: lists pictures and reads the first one's size, decodes videos.
    ///
    /// - Parameters:
    ///   - options: The memory limit is what kept frames may take; nothing fails beyond.
    ///   - degrade: HR frame, its sides multiples of `scale`, to the frame `scale` times smaller;
    ///     called from several threads.
    /// - Throws: what opening and decoding throw, `invalidArgument` without clips, `cancelled`.
    public init(
        _ sources: [ClipSource], scale: Int, options: LoadingOptions = LoadingOptions(),
        degrade: @escaping @Sendable (ByteFrame) throws -> ByteFrame
    ) throws {
        try sources.requireAny(scale: scale)
        self.scale = scale
        threads = max(options.threads, 1)
        let budget = MemoryBudget(limit: max(options.memoryLimit, 0))
        let degrader = FrameDegrader(scale: scale, degrade: degrade)
        let survey = ClipSurvey(
            degrader: degrader, budget: budget, cancellation: options.cancellation)
        let progress = options.progress
        let found = try parallelMap(sources.count, threads: threads) { done in
            progress?(
                ProgressUpdate(
                    "look through clips", completed: done, total: sources.count, unit: "clips"))
        } _: {
            try survey.clip(sources[$0])
        }
        shapes = found.map(\.shape)
        contents = found.map(\.contents)
        self.budget = budget
        self.degrader = degrader
        cache = FrameCache(budget: budget)
    }

    /// Looks through clips that are degraded by a named method.
    public convenience init(
        _ sources: [ClipSource], scale: Int, degradation: Degradation,
        options: LoadingOptions = LoadingOptions()
    ) throws {
        try self.init(sources, scale: scale, options: options) {
            try degradation.degraded($0, scale: scale)
        }
    }

    /// Frames and HR size of a clip.
    public func shape(clip: Int) -> (frames: Int, size: FrameSize) {
        (shapes[clip].frameCount, shapes[clip].size)
    }

    /// Calls `body` once for each of a clip's frames named.
    ///
    /// - Parameters:
    ///   - frames: In rising order, each once.
    ///   - body: Gets a frame's number, a block that holds it, and its place there.
    /// - Throws: what reading throws, naming the file, and what `body` throws.
    func visit(
        _ frames: [Int], of clip: Int, _ body: (Int, FrameBlock, Int) throws -> Void
    ) throws {
        switch contents[clip] {
        case .kept(let block):
            for frame in frames { try body(frame, block, frame) }
        case .pictures(let pictures):
            for frame in frames { try visit(frame, of: clip, pictures) { try body(frame, $0, 0) } }
        case .sequence(let source):
            try visit(frames, of: clip, source) { try body($0, $1, 0) }
        }
    }

    private func visit(
        _ frame: Int, of clip: Int, _ pictures: ClipPictures, _ body: (FrameBlock) throws -> Void
    ) throws {
        let shape = shapes[clip]
        let make = { try self.block(try pictures.read(frame, of: shape.name), shape) }
        let isDone = try cache.use(
            FrameCache.Key(clip: clip, frame: frame),
            bytes: ClipShape.frameBytes(shape.size, scale: scale), make: make, body: body)
        if !isDone { try body(try make()) }
    }

    private func visit(
        _ frames: [Int], of clip: Int, _ source: ClipSource,
        _ body: (Int, FrameBlock) throws -> Void
    ) throws {
        let shape = shapes[clip]
        let input = try source.open()
        var position = 0
        for frame in frames {
            // Frames that are not wanted are spared the conversion to RGB.
            while position < frame, try input.nextPicture() != nil { position += 1 }
            guard position == frame, let timed = try input.next() else {
                throw VSRError(
                    .corruptData,
                    "\(shape.location) had \(shape.frameCount) frames and now ends after "
                        + "\(position): leave clips as they are while they are trained on")
            }
            position += 1
            try body(frame, try block(ByteFrame(rounding: timed.frame), shape))
        }
    }

    private func block(_ frame: ByteFrame, _ shape: ClipShape) throws -> FrameBlock {
        let (high, low) = try degrader.pair(frame, size: shape.size, location: shape.location)
        decoded.wrappingAdd(1, ordering: .relaxed)
        return FrameBlock(highResolution: high.samples, lowResolution: low.samples)
    }
}
