import CLibAV
import VSRCore

/// Takes the other streams of a file over into another, packet by packet, in step with the video.
final class StreamCopier {
    private let input: MediaInput
    private let muxer: Muxer
    private let log: ReadingLog
    private let packet: AVPacketBox
    private let clock: SteadyClock
    private let start: (ticks: Int64, base: Rational)?
    private var routes: [Int: Route] = [:]
    private var times: [Int: PacketTimes] = [:]
    private var isWaiting = false
    private var isAtEnd = false
    private var failures = 0

    /// Errors in a row after which the rest of a file is given up.
    private static let maximumFailures = 100

    /// Where packets of a stream go.
    private struct Route {
        let target: Int
        let converter: SubtitleConverter?
    }

    var isEmpty: Bool { routes.isEmpty }

    /// - Parameters:
    ///   - input: Probed; its streams have been added to `muxer` by ``add(_:)``.
    ///   - start: What is taken off all times.
    init(
        _ input: MediaInput, into muxer: Muxer, start: (ticks: Int64, base: Rational)?,
        log: ReadingLog
    ) throws {
        self.input = input
        self.muxer = muxer
        self.start = start
        self.log = log
        packet = try AVPacketBox()
        clock = SteadyClock(input)
        for stream in input.streams where !clock.watches(Int(stream.pointee.index)) {
            stream.pointee.discard = AVDISCARD_ALL
        }
    }

    /// Takes over a stream; the muxer has not begun yet.
    func add(_ entry: StreamPlan.Stream) throws {
        let stream = input.streams[entry.source.index]
        let converter: SubtitleConverter?
        let target: Int
        switch entry.action {
        case .copy where entry.source.kind == .cover:
            return try muxer.addCover(stream)
        case .copy where entry.source.kind == .attachment:
            _ = try muxer.addCopy(of: stream)
            return
        case .copy:
            converter = nil
            target = try muxer.addCopy(of: stream)
        case .convert:
            guard let codec = muxer.container.textSubtitle else { return }
            let made = try SubtitleConverter(stream, to: codec, name: muxer.path)
            converter = made
            target = try muxer.add(subtitles: made.encoder, like: stream)
        case .upscale, .absorb, .omit: return
        }
        stream.pointee.discard = AVDISCARD_DEFAULT
        routes[entry.source.index] = Route(target: target, converter: converter)
    }

    /// Copies all packets that are to be decoded up to `seconds`.
    func copy(until seconds: Double) throws {
        while try advance() {
            let stream = input.streams[Int(packet.pointer.pointee.stream_index)]
            if let time = time(in: stream), time > seconds { return }
            try deliver(stream)
        }
    }

    /// Copies what is left, to the end or up to `seconds`.
    func copyRest(until seconds: Double = .infinity) throws {
        try copy(until: seconds)
        for route in routes.values {
            try route.converter?.flush { try write($0, route.target, SubtitleConverter.timeBase) }
        }
    }

    /// When the waiting packet is due in the output; `nil` if nothing says so.
    private func time(in stream: UnsafeMutablePointer<AVStream>) -> Double? {
        let value = packet.pointer.pointee
        let ticks = value.dts != LibAV.noTimestamp ? value.dts : value.pts
        guard ticks != LibAV.noTimestamp, ticks.magnitude < 1 << 60 else { return nil }
        return Double(ticks - shift(in: stream)) * Rational(stream.pointee.time_base).value
    }

    /// The start in ticks of a stream.
    private func shift(in stream: UnsafeMutablePointer<AVStream>) -> Int64 {
        guard let start else { return 0 }
        return av_rescale_q(start.ticks, start.base.av, stream.pointee.time_base)
    }

    /// Makes sure that a packet waits in `packet`; false at the end of the file.
    private func advance() throws -> Bool {
        while !isWaiting, !isAtEnd {
            av_packet_unref(packet.pointer)
            let status = av_read_frame(input.context, packet.pointer)
            guard status >= 0 else {
                // The reader of the video tells of damage to the container.
                failures += 1
                isAtEnd =
                    status == LibAV.endOfFile || input.isExhausted
                    || failures >= Self.maximumFailures
                continue
            }
            failures = 0
            let index = Int(packet.pointer.pointee.stream_index)
            let stream = input.streams[index]
            _ = clock.steady(packet.pointer, base: Rational(stream.pointee.time_base))
            isWaiting =
                routes[index] != nil && packet.pointer.pointee.size > 0 && !isPause(stream)
        }
        return isWaiting
    }

    /// Whether the packet is 3GPP text of no length: a pause, which muxers write by themselves.
    private func isPause(_ stream: UnsafeMutablePointer<AVStream>) -> Bool {
        let value = packet.pointer.pointee
        return stream.pointee.codecpar.pointee.codec_id == AV_CODEC_ID_MOV_TEXT && value.size == 2
            && value.data[0] == 0 && value.data[1] == 0
    }

    private func deliver(_ stream: UnsafeMutablePointer<AVStream>) throws {
        isWaiting = false
        let index = Int(packet.pointer.pointee.stream_index)
        guard let route = routes[index] else { return }
        if packet.pointer.pointee.flags & AV_PKT_FLAG_CORRUPT != 0 {
            log.add(ReadingEvent(.copiedDamaged, seconds: time(in: stream)))
        }
        if let converter = route.converter {
            try convert(by: converter, route.target, stream)
        } else {
            if times[index] == nil {
                times[index] = PacketTimes(
                    stream, into: muxer.timeBase(of: route.target),
                    isStrict: muxer.wantsRisingTimes(in: route.target),
                    start: shift(in: stream))
            }
            times[index]?.place(packet.pointer)
            try muxer.write(placed: packet.pointer, stream: route.target)
        }
    }

    private func convert(
        by converter: SubtitleConverter, _ target: Int, _ stream: UnsafeMutablePointer<AVStream>
    ) throws {
        let seconds = time(in: stream)
        let shift = shift(in: stream)
        if packet.pointer.pointee.pts == LibAV.noTimestamp {
            packet.pointer.pointee.pts = packet.pointer.pointee.dts
        }
        if packet.pointer.pointee.pts != LibAV.noTimestamp { packet.pointer.pointee.pts -= shift }
        let isRead = try converter.convert(packet.pointer) {
            try write($0, target, SubtitleConverter.timeBase)
        }
        if !isRead {
            log.add(
                ReadingEvent(
                    .unreadable, seconds: seconds, detail: "a subtitle of stream \(target)"))
        }
    }

    private func write(
        _ packet: UnsafeMutablePointer<AVPacket>, _ target: Int, _ base: Rational
    ) throws {
        try muxer.write(packet, stream: target, timeBase: base)
    }
}
