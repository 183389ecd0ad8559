import CLibAV
import VSRCore

/// A video file in the making: packets of the upscaled video, and what is taken over from the file
/// that the frames come from.
final class VideoAssembly {
    /// What becomes of the streams of the source's file; `nil` where there is no such file.
    private(set) var plan: StreamPlan?
    /// What is taken off all times, in ticks of the source.
    private(set) var start: Int64 = 0
    let timeBase: Rational
    private let muxer: Muxer
    private var copier: StreamCopier?

    /// Writes the header.
    ///
    /// - Parameters:
    ///   - muxer: Of a file that nothing was added to yet.
    ///   - header: What decoders need beforehand, where packets are not as the encoder makes them.
    /// - Throws: `unsupported` where the container cannot hold what must be held, `io`.
    init(
        _ muxer: Muxer, _ encoder: VideoEncoder, size: FrameSize, like source: VideoProperties,
        options: VideoWriterOptions, header: [UInt8]? = nil, log: ReadingLog
    ) throws {
        self.muxer = muxer
        timeBase = encoder.timeBase
        let description = Muxer.Video(
            encoder: encoder, source: source, size: size, header: header)
        guard let file = source.path, !source.isReadOnce else {
            try muxer.addVideo(description)
            plan = try Self.planWithoutFile(muxer, source, options)
            try muxer.start()
            return
        }
        let input = try MediaInput(file)
        // Covers are the input's memory until the header is written.
        try withExtendedLifetime(input) {
            try takeOver(input, description, like: source, options, log)
            try muxer.start()
        }
    }

    private static func planWithoutFile(
        _ muxer: Muxer, _ source: VideoProperties, _ options: VideoWriterOptions
    ) throws -> StreamPlan? {
        var plan = StreamPlan(container: muxer.container, streams: [])
        plan.isReadOnce = source.path != nil && options.copiesOtherStreams
        if source.isReadOnce, !muxer.container.holdsVariableRates {
            plan.constantRate = Muxer.constantRate(of: source)
        }
        guard !plan.warnings.isEmpty else { return nil }
        if options.refusesLosses { try plan.requireEverything(into: muxer.path) }
        return plan
    }

    private func takeOver(
        _ input: MediaInput, _ description: Muxer.Video, like source: VideoProperties,
        _ options: VideoWriterOptions, _ log: ReadingLog
    ) throws {
        try input.probe(maximumArea: VideoReaderOptions().maximumArea)
        let planner = StreamPlanner(
            container: muxer.container, codec: options.codec ?? muxer.container.usualCodec,
            wantsOthers: options.copiesOtherStreams)
        let plan = planner.plan(of: input)
        self.plan = plan
        if options.refusesLosses { try plan.requireEverything(into: muxer.path) }
        let removed = planner.removedStart(of: input)
        let copier = try StreamCopier(input, into: muxer, start: removed, log: log)
        self.copier = copier
        // In the order of the input; first where the input holds no video.
        let main = input.mainVideo
        if main == nil { try muxer.addVideo(description) }
        for entry in plan.streams {
            if entry.action == .upscale {
                try muxer.addVideo(
                    description, original: main, constantRate: plan.constantRate)
            } else {
                try copier.add(entry)
            }
        }
        try muxer.describe(like: input, start: removed)
        if !input.statesDispositions { muxer.chooseDefaults() }
        start =
            removed.map { av_rescale_q($0.ticks, $0.base.av, source.timeBase.av) } ?? 0
    }

    /// Muxes a packet of the video after the copied ones that come before it.
    func deliver(_ packet: UnsafeMutablePointer<AVPacket>) throws {
        try copier?.copy(until: Double(packet.pointee.dts) * timeBase.value)
        try muxer.write(packet, stream: muxer.video, timeBase: timeBase)
    }

    /// Copies what is left of the other streams, up to `end` in seconds, and makes the file appear.
    func finish(copyingUntil end: Double) throws {
        do {
            // A stream may go on until what is copied here has been heard.
            try copier?.copyRest(until: end)
            try muxer.finish()
        } catch {
            muxer.discard()
            throw error
        }
    }

    func discard() { muxer.discard() }
}
