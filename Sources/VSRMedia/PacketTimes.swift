import CLibAV
import VSRCore

/// Gives a copied stream's packets times that muxers take: none is dropped, whatever its time.
///
/// Missing times follow from durations, repeated ones are kept where the muxer allows it and moved
/// by the least that helps where not. Sound whose times were rounded (Matroska's are milliseconds)
/// gets them to the sample again.
struct PacketTimes {
    private let source: Rational
    private let target: Rational
    private let isStrict: Bool
    private let parameters: UnsafeMutablePointer<AVCodecParameters>
    /// Start of the output's times, in ticks of the source.
    private let start: Int64
    /// What `av_rescale_delta` remembers.
    private var samples: Int64 = LibAV.noTimestamp
    private var expected: Int64?
    private var last: Int64?

    /// - Parameters:
    ///   - stream: The stream of the input.
    ///   - target: The output stream's time base, which muxers choose when they begin.
    ///   - isStrict: Whether decoding times must rise and may not repeat.
    ///   - start: What becomes 0, in ticks of the input stream.
    init(
        _ stream: UnsafeMutablePointer<AVStream>, into target: Rational, isStrict: Bool,
        start: Int64
    ) {
        source = Rational(stream.pointee.time_base)
        parameters = stream.pointee.codecpar
        self.target = target
        self.isStrict = isStrict
        self.start = start
    }

    /// Sets a packet's times, which are then in the output stream's time base.
    mutating func place(_ packet: UnsafeMutablePointer<AVPacket>) {
        complete(packet)
        let delay = packet.pointee.pts - packet.pointee.dts
        let dts = packet.pointee.dts - start
        let sampleCount = samplesIn(packet)
        let rate = Rational(1, max(parameters.pointee.sample_rate, 1))
        // Without a duration the last packet lies beyond the end that MP4's edit lists state.
        packet.pointee.duration =
            packet.pointee.duration > 0
            ? rescaled(packet.pointee.duration) : av_rescale_q(sampleCount, rate.av, target.av)
        if sampleCount > 0, target.value < source.value {
            packet.pointee.dts = av_rescale_delta(
                source.av, dts, rate.av, Int32(clamping: sampleCount), &samples, target.av)
            packet.pointee.pts = packet.pointee.dts + rescaled(delay)
        } else {
            packet.pointee.dts = rescaled(dts)
            packet.pointee.pts = rescaled(dts + delay)
        }
        if let last { order(packet, after: last) }
        last = packet.pointee.dts
    }

    /// Fills in times that are missing or impossible.
    private mutating func complete(_ packet: UnsafeMutablePointer<AVPacket>) {
        func known(_ time: Int64) -> Int64? {
            time != LibAV.noTimestamp && time.magnitude < 1 << 60 ? time : nil
        }
        let pts = known(packet.pointee.pts)
        let dts = known(packet.pointee.dts) ?? pts ?? expected ?? start
        packet.pointee.dts = dts
        packet.pointee.pts = max(pts ?? dts, dts)
        var duration = packet.pointee.duration
        if duration <= 0 || duration >= 1 << 40 {
            packet.pointee.duration = 0
            duration = av_rescale_q(
                samplesIn(packet), Rational(1, max(parameters.pointee.sample_rate, 1)).av,
                source.av)
        }
        expected = dts + duration
    }

    private func order(_ packet: UnsafeMutablePointer<AVPacket>, after last: Int64) {
        let least = last + (isStrict ? 1 : 0)
        guard packet.pointee.dts < least else { return }
        packet.pointee.dts = least
        packet.pointee.pts = max(packet.pointee.pts, least)
    }

    private func samplesIn(_ packet: UnsafeMutablePointer<AVPacket>) -> Int64 {
        guard parameters.pointee.codec_type == AVMEDIA_TYPE_AUDIO,
            parameters.pointee.sample_rate > 0
        else { return 0 }
        let known = av_get_audio_frame_duration2(parameters, packet.pointee.size)
        if known > 0 { return Int64(known) }
        // ALAC states the samples of a packet in its header, which libav does not tell.
        guard parameters.pointee.codec_id == AV_CODEC_ID_ALAC,
            parameters.pointee.extradata_size >= 16, let header = parameters.pointee.extradata
        else { return 0 }
        return (12..<16).reduce(Int64(0)) { $0 << 8 | Int64(header[$1]) }
    }

    private func rescaled(_ ticks: Int64) -> Int64 { av_rescale_q(ticks, source.av, target.av) }
}
