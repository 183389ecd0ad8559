import CLibAV

/// Asks libav's muxers themselves whether they take a stream, which their tables do not tell: some
/// want parameters, others refuse a codec only when the header is written.
enum TrialMuxer {
    /// What MPEG's transport streams have numbers for; libav writes anything else as private data
    /// that no player recognizes.
    private static let transported: Set<UInt32> = Set(
        [
            AV_CODEC_ID_MPEG1VIDEO, AV_CODEC_ID_MPEG2VIDEO, AV_CODEC_ID_MPEG4, AV_CODEC_ID_H264,
            AV_CODEC_ID_HEVC, AV_CODEC_ID_CAVS, AV_CODEC_ID_AVS2, AV_CODEC_ID_AVS3,
            AV_CODEC_ID_DIRAC, AV_CODEC_ID_VC1, AV_CODEC_ID_MP1, AV_CODEC_ID_MP2, AV_CODEC_ID_MP3,
            AV_CODEC_ID_AAC, AV_CODEC_ID_AAC_LATM, AV_CODEC_ID_AC3, AV_CODEC_ID_EAC3,
            AV_CODEC_ID_DTS, AV_CODEC_ID_TRUEHD, AV_CODEC_ID_OPUS, AV_CODEC_ID_S302M,
            AV_CODEC_ID_DVB_SUBTITLE, AV_CODEC_ID_DVB_TELETEXT, AV_CODEC_ID_HDMV_PGS_SUBTITLE,
            AV_CODEC_ID_SMPTE_KLV, AV_CODEC_ID_TIMED_ID3,
        ].map(\.rawValue))

    /// Sound that comes back from AVI as it went in.
    private static let interleaved: Set<UInt32> = Set(
        [
            AV_CODEC_ID_MP2, AV_CODEC_ID_MP3, AV_CODEC_ID_AC3, AV_CODEC_ID_DTS, AV_CODEC_ID_AAC,
            AV_CODEC_ID_PCM_U8, AV_CODEC_ID_PCM_S16LE, AV_CODEC_ID_PCM_S24LE,
            AV_CODEC_ID_PCM_S32LE, AV_CODEC_ID_PCM_F32LE, AV_CODEC_ID_PCM_F64LE,
            AV_CODEC_ID_PCM_ALAW, AV_CODEC_ID_PCM_MULAW, AV_CODEC_ID_ADPCM_MS,
            AV_CODEC_ID_ADPCM_IMA_WAV,
        ].map(\.rawValue))

    /// Whether `container` takes the stream as it is.
    static func holds(_ stream: UnsafeMutablePointer<AVStream>, in container: Container) -> Bool {
        let parameters = stream.pointee.codecpar.pointee
        let codec = parameters.codec_id
        switch container {
        // AVI wants H.264 and HEVC with start codes, not as Matroska and MP4 have them.
        case .avi
        where (codec == AV_CODEC_ID_H264 || codec == AV_CODEC_ID_HEVC)
            && parameters.extradata_size > 0 && parameters.extradata.pointee == 1:
            return false
        case .avi where parameters.codec_type == AVMEDIA_TYPE_AUDIO:
            guard interleaved.contains(codec.rawValue) else { return false }
        default: break
        }
        guard knows(codec, container), let format = av_guess_format(container.muxer, nil, nil)
        else {
            return false
        }
        return begins(format, with: stream)
    }

    /// Whether `container` has a name for the codec.
    static func knows(_ codec: AVCodecID, _ container: Container) -> Bool {
        guard container != .mpegts || transported.contains(codec.rawValue),
            let format = av_guess_format(container.muxer, nil, nil)
        else { return false }
        let answer = avformat_query_codec(format, codec, FF_COMPLIANCE_EXPERIMENTAL)
        // Muxers without a table answer neither yes nor no.
        return answer == 1 || answer == vsr_av_error_unanswered
    }

    /// Whether a header with this stream, and no other, can be written.
    private static func begins(
        _ format: UnsafePointer<AVOutputFormat>, with stream: UnsafeMutablePointer<AVStream>
    ) -> Bool {
        var made: UnsafeMutablePointer<AVFormatContext>?
        guard avformat_alloc_output_context2(&made, format, nil, "trial") >= 0, let context = made
        else { return false }
        defer { avformat_free_context(context) }
        context.pointee.strict_std_compliance = FF_COMPLIANCE_EXPERIMENTAL
        guard (try? Muxer.add(copyOf: stream, to: context)) != nil,
            avio_open_dyn_buf(&context.pointee.pb) >= 0
        else { return false }
        let status = avformat_write_header(context, nil)
        var buffer: UnsafeMutablePointer<UInt8>?
        avio_close_dyn_buf(context.pointee.pb, &buffer)
        context.pointee.pb = nil
        av_free(buffer)
        return status >= 0
    }
}
