import CLibAV
import VSRCore

/// Gives the packets of a file whose clock may jump times that go on.
///
/// Broadcasts are cut and joined, and their clock then starts anew. Times that fall, or rise by more
/// than ten seconds at once, are such a place: from there on all streams are moved by what makes the
/// stream go on that shows it first. All readings of a file must hand in the same packets. Source:
/// ffmpeg's own `dts_delta_threshold`.
final class SteadyClock {
    private let base = Rational(1, 90000)
    private static let longestPause: Int64 = 10 * 90000
    private static let longestOverlap: Int64 = 9000
    private let isNeeded: Bool
    private let bases: [Int: Rational]
    private var expected: [Int: Int64] = [:]
    /// Last times, by which durations are guessed where packets state none.
    private var last: [Int: Int64] = [:]
    private var offset: Int64 = 0

    /// - Parameter input: Probed; its picture and sound are watched, other streams follow.
    init(_ input: MediaInput) {
        isNeeded = input.hasUnsteadyClock
        let main = input.mainVideo
        bases = Dictionary(
            uniqueKeysWithValues: input.streams.compactMap { stream in
                guard
                    stream == main
                        || stream.pointee.codecpar.pointee.codec_type == AVMEDIA_TYPE_AUDIO
                else { return nil }
                return (Int(stream.pointee.index), Rational(stream.pointee.time_base))
            })
    }

    /// Whether the packets of a stream must be handed in.
    func watches(_ stream: Int) -> Bool { isNeeded && bases[stream] != nil }

    /// Moves a packet's times; returns by how many seconds the clock jumped here, if it did.
    func steady(_ packet: UnsafeMutablePointer<AVPacket>, base own: Rational) -> Double? {
        guard isNeeded, own.isPositive else { return nil }
        let jump = watched(packet)
        let shift = av_rescale_q(offset, base.av, own.av)
        if packet.pointee.pts != LibAV.noTimestamp { packet.pointee.pts &+= shift }
        if packet.pointee.dts != LibAV.noTimestamp { packet.pointee.dts &+= shift }
        return jump
    }

    private func watched(_ packet: UnsafeMutablePointer<AVPacket>) -> Double? {
        let index = Int(packet.pointee.stream_index)
        let dts = packet.pointee.dts
        guard let own = bases[index], own.isPositive, dts != LibAV.noTimestamp,
            dts.magnitude < 1 << 50
        else { return nil }
        var time = av_rescale_q(dts, own.av, base.av) + offset
        var jump: Int64?
        if let expected = expected[index] {
            let delta = time - expected
            if delta > Self.longestPause || delta < -Self.longestOverlap {
                offset -= delta
                time -= delta
                jump = delta
            }
        }
        var duration = av_rescale_q(max(packet.pointee.duration, 0), own.av, base.av)
        if duration == 0, jump == nil { duration = last[index].map { max(time - $0, 0) } ?? 0 }
        expected[index] = time + min(duration, Self.longestPause)
        last[index] = time
        // libav takes a clock that falls for one of 33 bits that has wrapped around.
        let round = Int64(1) << 33
        return jump.map { Double($0 > round / 2 ? $0 - round : $0) * base.value }
    }
}
