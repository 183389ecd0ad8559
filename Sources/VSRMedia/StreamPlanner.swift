import CLibAV
import VSRCore

/// Decides what becomes of the streams of an opened and probed input.
struct StreamPlanner {
    let container: Container
    /// What the frames are encoded as; `nil` where the container leaves no choice.
    var codec: VideoCodec?
    /// Whether the input's sound, subtitles and fonts are wanted.
    let wantsOthers: Bool

    /// Times that begin later than this, in seconds, are those of some clock, not a delay.
    private static let longestDelay = 10.0

    /// - Parameter holds: Whether a container takes a stream as it is.
    func plan(
        of input: MediaInput,
        holds: (UnsafeMutablePointer<AVStream>, Container) -> Bool = TrialMuxer.holds
    ) -> StreamPlan {
        let main = input.mainVideo
        var plan = StreamPlan(
            container: container,
            streams: input.streams.map { stream in
                let source = MediaStream(stream, of: input)
                var entry =
                    stream == main
                    ? StreamPlan.Stream(
                        source, .upscale, codec: codec?.rawValue ?? container.rawValue)
                    : fate(of: source, stream, holds)
                if entry.action != .omit, entry.action != .absorb {
                    entry.losses = losses(of: source)
                }
                return entry
            })
        let chapters = Int(input.context.pointee.nb_chapters)
        if chapters > 0 {
            plan.chapters = .init(
                count: chapters, action: container.holdsChapters ? .copy : .omit)
        }
        plan.removedStart = removedStart(of: input).map { Double($0.ticks) * $0.base.value }
        if let main { addTraits(of: main, in: input, to: &plan) }
        return plan
    }

    private func losses(of source: MediaStream) -> [StreamPlan.Property] {
        guard source.kind != .attachment, source.kind != .cover else { return [] }
        var losses: [StreamPlan.Property] = []
        if source.language != nil, !container.holdsLanguage(of: source.kind) {
            losses.append(.language)
        }
        if source.title != nil, !container.holdsTitles { losses.append(.title) }
        return losses
    }

    private func fate(
        of source: MediaStream, _ stream: UnsafeMutablePointer<AVStream>,
        _ holds: (UnsafeMutablePointer<AVStream>, Container) -> Bool
    ) -> StreamPlan.Stream {
        let codec = stream.pointee.codecpar.pointee.codec_id
        func omitted(unlessIn canHold: (Container) -> Bool) -> StreamPlan.Stream {
            StreamPlan.Stream(
                source, .omit, reason: .container, holders: Container.allCases.filter(canHold))
        }
        switch source.kind {
        case .chapterTitles:
            return StreamPlan.Stream(
                source, container.holdsChapters ? .absorb : .omit, reason: .described)
        case .timecode:
            return container.holdsTimecode
                ? StreamPlan.Stream(source, .absorb, reason: .described)
                : omitted(unlessIn: \.holdsTimecode)
        case .cover:
            return container.holdsCover(codec)
                ? StreamPlan.Stream(source, .copy, codec: source.codec)
                : omitted { $0.holdsCover(codec) }
        case .attachment where wantsOthers:
            return container.holdsAttachments
                ? StreamPlan.Stream(source, .copy, codec: source.codec)
                : omitted(unlessIn: \.holdsAttachments)
        case .audio, .subtitle, .attachment:
            guard wantsOthers else { return StreamPlan.Stream(source, .omit, reason: .unwanted) }
        case .video, .data: break
        }
        if holds(stream, container) { return StreamPlan.Stream(source, .copy, codec: source.codec) }
        if let target = container.textSubtitle, SubtitleConverter.converts(codec, to: target) {
            return StreamPlan.Stream(
                source, .convert, codec: String(cString: avcodec_get_name(target)),
                reason: .container)
        }
        guard codec != AV_CODEC_ID_NONE else {
            return StreamPlan.Stream(source, .omit, reason: .unknown)
        }
        return omitted { candidate in
            holds(stream, candidate)
                || candidate.textSubtitle.map { SubtitleConverter.converts(codec, to: $0) } == true
        }
    }

    private func addTraits(
        of main: UnsafeMutablePointer<AVStream>, in input: MediaInput, to plan: inout StreamPlan
    ) {
        if !container.holdsRotation, let turn = DisplayMatrix(of: main)?.turn, !turn.isIdentity {
            plan.turned = turn.degrees
        }
        if !container.holdsVariableRates {
            plan.constantRate = Self.grid(of: main, in: input)
        }
    }

    /// A rate on whose grid the frames lie, as well as one can tell beforehand.
    private static func grid(
        of main: UnsafeMutablePointer<AVStream>, in input: MediaInput
    ) -> Rational {
        let average = Rational(av_guess_frame_rate(input.context, main, nil))
        let finest = Rational(main.pointee.r_frame_rate)
        guard average.isPositive else { return finest.isPositive ? finest : Rational(25, 1) }
        // Rates beyond are those of clocks, a thousand for instance.
        let isFiner = finest.isPositive && finest.value > 1.01 * average.value
        return isFiner && finest.value <= 240 ? finest : average
    }

    /// What is taken off all times: where the clock of the input has no beginning.
    ///
    /// A delay of picture or sound is kept, and so are all times of MPEG streams in one.
    func removedStart(of input: MediaInput) -> (ticks: Int64, base: Rational)? {
        guard !container.startsAnywhere, let start = input.start, start.ticks > 0 else {
            return nil
        }
        let seconds = Double(start.ticks) * start.base.value
        return input.hasUnsteadyClock || seconds > Self.longestDelay ? start : nil
    }
}

extension StreamPlan {
    /// What would become of the streams of a video file; nothing is written.
    ///
    /// - Parameters:
    ///   - container: What would be written.
    ///   - options: Of what would be written.
    /// - Throws: `notFound` if there is no such file, `corruptData` if it is no video.
    public init(
        of path: String, into container: Container,
        options: VideoWriterOptions = VideoWriterOptions()
    ) throws {
        let input = try MediaInput(path)
        try input.probe(maximumArea: VideoReaderOptions().maximumArea)
        self = StreamPlanner(
            container: container, codec: options.codec ?? container.usualCodec,
            wantsOthers: options.copiesOtherStreams
        )
        .plan(of: input)
    }
}
