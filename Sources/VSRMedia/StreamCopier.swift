import CLibAV
import VSRCore

/// Copies audio and subtitles of a file into another, packet by packet, in step with the video.
final class StreamCopier {
    /// Streams that the container cannot hold.
    private(set) var dropped: [String] = []
    private let input: MediaInput
    private let muxer: Muxer
    private let packet: AVPacketBox
    /// Index in the output of each input stream that is copied.
    private var targets: [Int: Int] = [:]
    /// Last decoding time written per output stream, which muxers want to rise.
    private var lastTimes: [Int: Int64] = [:]
    private var isWaiting = false
    private var isAtEnd = false

    var isEmpty: Bool { targets.isEmpty }

    /// Adds a stream to `muxer` for each audio and subtitle stream of `path`.
    init(_ path: String, into muxer: Muxer) throws {
        input = try MediaInput(path)
        self.muxer = muxer
        packet = try AVPacketBox()
        try input.probe(maximumArea: VideoReaderOptions().maximumArea)
        muxer.copyMetadata(from: input.context.pointee.metadata)
        for (index, stream) in input.streams.enumerated() {
            let parameters = stream.pointee.codecpar.pointee
            let isWanted =
                parameters.codec_type == AVMEDIA_TYPE_AUDIO
                || parameters.codec_type == AVMEDIA_TYPE_SUBTITLE
            if isWanted, muxer.accepts(parameters.codec_id) {
                targets[index] = try muxer.addCopy(of: stream)
            } else {
                if isWanted {
                    let codec = String(cString: avcodec_get_name(parameters.codec_id))
                    dropped.append("stream \(index) (\(codec))")
                }
                stream.pointee.discard = AVDISCARD_ALL
            }
        }
    }

    /// Copies all packets that are to be decoded up to `seconds`.
    func copy(until seconds: Double) throws {
        while try advance() {
            let stream = input.streams[Int(packet.pointer.pointee.stream_index)]
            let base = Rational(stream.pointee.time_base)
            if Double(packet.pointer.pointee.dts) * base.value > seconds { return }
            try deliver(base)
        }
    }

    func copyRest() throws { try copy(until: .infinity) }

    /// Makes sure that a packet waits in `packet`; false at the end of the file.
    ///
    /// Damage ends the copy: what came before it stays usable.
    private func advance() throws -> Bool {
        while !isWaiting, !isAtEnd {
            av_packet_unref(packet.pointer)
            guard av_read_frame(input.context, packet.pointer) >= 0 else {
                isAtEnd = true
                return false
            }
            if packet.pointer.pointee.pts == LibAV.noTimestamp {
                packet.pointer.pointee.pts = packet.pointer.pointee.dts
            }
            isWaiting = isUsable(packet.pointer.pointee)
        }
        return isWaiting
    }

    private func isUsable(_ packet: AVPacket) -> Bool {
        guard let target = targets[Int(packet.stream_index)], packet.dts != LibAV.noTimestamp,
            packet.dts.magnitude < 1 << 60, packet.pts.magnitude < 1 << 60,
            packet.pts >= packet.dts
        else { return false }
        return lastTimes[target].map { packet.dts > $0 } ?? true
    }

    private func deliver(_ base: Rational) throws {
        isWaiting = false
        guard let target = targets[Int(packet.pointer.pointee.stream_index)] else { return }
        lastTimes[target] = packet.pointer.pointee.dts
        try muxer.write(packet.pointer, stream: target, timeBase: base)
    }
}
