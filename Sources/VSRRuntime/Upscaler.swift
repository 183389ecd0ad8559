import VSRCore
import VSRImaging
import VSRModel

/// Upscales a stream of frames by a model: what applications use.
///
/// Online networks hand out each frame at once, in constant memory; those that need the frames to
/// come hold frames back (``UpscalerOptions/windowLength``). One upscaler belongs to one thread at a time;
/// any number of them work side by side, each with its own threads.
///
/// There are three ways in and out:
///
/// - frames as values: `push(_:)` and `finish()` of `Upscaling`, which return the frames themselves;
/// - pictures of a decoder and an encoder: `PictureUpscaling`;
/// - the caller's memory: ``push(_:)-(PictureSource)``, then ``pull(into:)`` until ``readyFrames``
///   is 0. After the last frame, ``endClip()``, then pull the frames that were held back.
///
/// The latter two only say how many frames are ready: `finish()` is ``endClip()`` and pulling all.
public final class Upscaler: PictureUpscaling {
    public let options: UpscalerOptions

    /// Output pixels per input pixel along each axis.
    public var scale: Int { network.blueprint.scale }

    /// The size of the current clip's frames, once known.
    public private(set) var frameSize: FrameSize?

    /// What a network that needs the frames to come looks at before it hands frames out; shorter than
    /// asked for where ``UpscalerOptions/memoryLimit`` wants it, once the frames' size is known.
    public private(set) var window: ClipWindow

    private let network: PreparedNetwork
    private(set) var executor: (any NetworkExecutor)?
    private(set) var recurrence: (any Recurrence)?
    /// Whether pictures are taken without being computed.
    var isReplaying = false

    /// - Parameter frameSize: The size of the frames to come; where given, memory is planned and
    ///   allocated now instead of at the first frame.
    /// - Throws: `notFound`, `shapeMismatch` or `invalidArgument` where the model is incomplete,
    ///   `invalidArgument` naming an option out of range, `outOfMemory`.
    public init(
        model: Model, frameSize: FrameSize? = nil, options: UpscalerOptions = UpscalerOptions()
    ) throws {
        try options.validate()
        self.options = options
        window = options.window
        self.network = try PreparedNetwork(model, options: options)
        if let frameSize { try plan(frameSize) }
    }

    /// Frames that can be pulled now.
    public var readyFrames: Int { recurrence?.ready ?? 0 }

    /// Takes the clip's next picture and returns how many frames are ready to be pulled.
    ///
    /// All of them are to be pulled before the next push.
    ///
    /// - Throws: `shapeMismatch` if the size differs from the clip's first picture,
    ///   `invalidArgument` while frames are ready, `cancelled`, `outOfMemory`. After the latter two
    ///   the clip has ended; the others change nothing.
    @discardableResult
    public func push(_ source: PictureSource) throws -> Int {
        try checkNothingReady()
        let recurrence = try recurrence(for: source.size)
        try endingClipOnError { try recurrence.push(source) }
        return recurrence.ready
    }

    /// Ends the clip: returns how many held back frames are ready to be pulled, where ``finish()``
    /// returns those frames.
    ///
    /// The next push after them starts a new clip of any size.
    @discardableResult
    public func endClip() throws -> Int {
        try checkNothingReady()
        guard let recurrence else { return 0 }
        try endingClipOnError { try recurrence.endClip() }
        if recurrence.ready == 0 { reset() } else { isEnding = true }
        return recurrence.ready
    }

    /// Writes the next ready frame into `target`, which has the frames' size times ``scale``.
    ///
    /// - Throws: `invalidArgument` if none is ready, `shapeMismatch`, `cancelled`, `outOfMemory`.
    public func pull(into target: PictureTarget) throws {
        let expected = try readySize()
        guard let recurrence else { return }
        guard target.size == expected else {
            throw VSRError(
                .shapeMismatch,
                "the target is \(target.size) where upscaled frames are \(expected)")
        }
        try endingClipOnError { try recurrence.pull(into: target) }
        if options.measuresStates { try measureStates(of: recurrence) }
        if isEnding, recurrence.ready == 0 { reset() }
    }

    /// Forgets the current clip; memory stays planned for its size.
    public func reset() {
        recurrence = nil
        isEnding = false
    }

    /// The root mean square of the hidden states' values that the frame pulled last was made from;
    /// `nil` before it, or unless ``UpscalerOptions/measuresStates``.
    public private(set) var stateNorm: Double?

    private func measureStates(of recurrence: any Recurrence) throws {
        guard let executor, let states = recurrence.shownStates else { return }
        let squares = try states.map {
            try executor.meanSquare(ofState: $0, rowStep: 1)
        }
        stateNorm = (squares.reduce(0, +) / Double(squares.count)).squareRoot()
    }

    /// Whether the clip's end was announced, so that its last pull resets everything.
    private var isEnding = false

    private func checkNothingReady() throws {
        guard readyFrames == 0 else {
            throw VSRError(
                .invalidArgument, "\(readyFrames) frames are ready: pull them before the next push")
        }
    }

    private func endingClipOnError(_ body: () throws -> Void) throws {
        do {
            try options.cancellation?.check()
            try body()
        } catch {
            reset()
            throw error
        }
    }

    private func recurrence(for size: FrameSize) throws -> any Recurrence {
        if let recurrence {
            guard size == frameSize else {
                throw VSRError(
                    .shapeMismatch,
                    "a frame of \(size) follows frames of \(frameSize.map(\.description) ?? "no size"):"
                        + " all frames of a clip have one size; finish the clip to start another")
            }
            return recurrence
        }
        let executor = try plan(size)
        var options = options
        options.window = window
        let recurrence: any Recurrence =
            network.blueprint.needsFutureFrames
            ? try WindowedRecurrence(executor: executor, options: options)
            : try OnlineRecurrence(executor: executor, options: options)
        self.recurrence = recurrence
        return recurrence
    }

    /// The longest window, in proportion to the one asked for, whose frames fit into memory.
    private func fittingWindow(for size: FrameSize) throws -> ClipWindow {
        guard let limit = options.memoryLimit else { return options.window }
        func bytes(_ window: ClipWindow) throws -> Int {
            var options = options
            options.window = window
            return try Self.estimatedBytes(
                for: network.blueprint, frameSize: size, options: options)
        }
        var smallest = options.window
        if network.blueprint.needsFutureFrames, case .frames(let length, let lookAhead) = smallest {
            for shorter in (1...length).reversed() {
                // Rounded up: without a look at what comes, seams show most.
                let ahead = (lookAhead * shorter + length - 1) / length
                smallest = .frames(shorter, lookAhead: ahead)
                if try bytes(smallest) <= limit { return smallest }
            }
        } else if try bytes(smallest) <= limit {
            return smallest
        }
        let least = try bytes(smallest)
        throw VSRError(
            .outOfMemory,
            "upscaling frames of \(size) takes at least \(least >> 20) MiB, where it may take "
                + "\(limit >> 20) MiB: use smaller frames or a narrower network, or allow more")
    }

    /// The executor for frames of `size`, made unless the last clip had the same size.
    @discardableResult
    private func plan(_ size: FrameSize) throws -> any NetworkExecutor {
        if let executor, frameSize == size { return executor }
        window = try fittingWindow(for: size)
        // The old buffers go before the new ones come.
        executor = nil
        frameSize = nil
        let executor = try network.makeExecutor(frameSize: size)
        executor.isReplaying = isReplaying
        self.executor = executor
        frameSize = size
        return executor
    }
}

extension Upscaler {
    /// Times recorded since the upscaler was made, since ``resetProfile()`` or since the last change
    /// of frame size, in the order in which layers first ran; empty unless
    /// ``UpscalerOptions/isProfiled``.
    public var profile: [LayerTiming] { executor?.timings ?? [] }

    /// Forgets the times recorded so far, for example of a clip's first frame, which has no flow.
    public func resetProfile() { executor?.resetTimings() }

    /// Bytes that the tuned executor will need for frames of `size`, without weights and the
    /// kernels' scratch: what ``plannedBytes`` comes to once a clip has begun, for networks that need
    /// the frames to come in a clip of three windows or more.
    ///
    /// A YUV target takes 12 bytes per output pixel more; the stability guard 12 bytes per input
    /// pixel and branch, and once it acts up to two hidden states per branch.
    public static func estimatedBytes(
        for blueprint: Blueprint, frameSize: FrameSize, options: UpscalerOptions = .init()
    ) throws -> Int {
        try blueprint.validate()
        try options.validate()
        try PreparedNetwork.check(frameSize)
        return MemoryPlan(blueprint, frameSize: frameSize, options: options).tunedBytes
    }

    /// Bytes of the maps and planes held for the current frame size, without weights and the
    /// kernels' scratch; `nil` before the size is known and for the reference executor.
    public var plannedBytes: Int? { executor?.plannedBytes }

    /// The instruction set chosen for this upscaler, for example `avx512`, or `c` for the
    /// reference executor.
    public var instructionSetName: String { network.instructionSetName }

    public var clipWindow: String? {
        network.blueprint.needsFutureFrames ? window.description : nil
    }

    public func clipWindow(ofFrames count: Int) -> String? {
        var held = 0
        if case .frames(let length, let lookAhead) = window { held = length + lookAhead }
        return count <= held ? nil : clipWindow
    }

    /// - Throws: `outOfMemory` if the clip is to be held whole and takes more than the process can
    ///   have: the machine's memory, or its control group's where that is less.
    public func checkMemory(frames: Int, of size: FrameSize, callerBytes: Int) throws {
        guard network.blueprint.needsFutureFrames, options.windowLength == nil else { return }
        try PreparedNetwork.check(size)
        try MemoryPlan(wholeClipsBy: network.blueprint, frameSize: size).check(
            wholeClip: frames, callerBytes: callerBytes)
    }

    public func prepare(for size: FrameSize) throws { try plan(size) }

    /// The precision that `auto` or the processor came down to.
    public var effectivePrecision: UpscalerOptions.Precision { network.precision }

    public var arithmetic: UpscalingArithmetic? {
        UpscalingArithmetic(
            precision: effectivePrecision.rawValue, instructionSet: instructionSetName)
    }
}

// Pictures as decoders give and encoders take them.
extension Upscaler {
    /// - Throws: As ``push(_:)-(PictureSource)``.
    @discardableResult
    public func push(_ picture: Picture) throws -> Int {
        switch picture {
        case .rgb(let frame):
            return try frame.samples.withUnsafeBufferPointer {
                try push(.planarFloats($0, size: frame.size))
            }
        case .yuv(let planes):
            return try withExtendedLifetime(planes) { try push(PictureSource.yuv(planes)) }
        }
    }

    /// - Throws: As ``pull(into:)``.
    public func pull(filling blank: YUVPicture?) throws -> Picture {
        guard let blank else { return .rgb(try pullFrame()) }
        try withExtendedLifetime(blank) { try pull(into: .yuv(blank)) }
        return .yuv(blank)
    }
}

// Frames as values.
extension Upscaler {
    public func push(_ frame: Frame) throws -> [Frame] {
        try push(.rgb(frame))
        return try pullAll()
    }

    public func finish() throws -> [Frame] {
        try endClip()
        return try pullAll()
    }

    public func finish(_ take: (Frame) throws -> Void) throws {
        try endClip()
        while readyFrames > 0 { try take(try pullFrame()) }
    }

    private func pullAll() throws -> [Frame] {
        var frames: [Frame] = []
        while readyFrames > 0 { frames.append(try pullFrame()) }
        return frames
    }

    /// The next ready frame.
    ///
    /// - Throws: As ``pull(into:)``.
    public func pullFrame() throws -> Frame {
        let size = try readySize()
        let samples = try [Float](unsafeUninitializedCapacity: Frame.channels * size.area) {
            buffer, count in
            try pull(into: .planarFloats(buffer, size: size))
            count = Frame.channels * size.area
        }
        return Frame(size: size, samples: samples)
    }

    /// The next ready frame, rounded to 8 bits.
    ///
    /// - Throws: As ``pull(into:)``.
    public func pullByteFrame() throws -> ByteFrame {
        let size = try readySize()
        let samples = try [UInt8](unsafeUninitializedCapacity: Frame.channels * size.area) {
            buffer, count in
            try pull(into: .planarBytes(buffer, size: size))
            count = Frame.channels * size.area
        }
        return ByteFrame(size: size, samples: samples)
    }

    /// The size of the frame that is ready.
    fileprivate func readySize() throws -> FrameSize {
        guard let frameSize, readyFrames > 0 else {
            throw VSRError(.invalidArgument, "no frame is ready to be pulled: push one first")
        }
        return frameSize.scaled(by: scale)
    }
}
