import CLibAV
import Foundation
import VSRCore

extension MediaInput {
    /// The stream that is decoded: not a cover, the largest or the one marked as default.
    var mainVideo: UnsafeMutablePointer<AVStream>? {
        let index = av_find_best_stream(context, AVMEDIA_TYPE_VIDEO, -1, -1, nil, 0)
        guard index >= 0, let stream = context.pointee.streams[Int(index)],
            stream.pointee.disposition & AV_DISPOSITION_ATTACHED_PIC == 0
        else { return nil }
        return stream
    }

    /// Whether times may jump in the middle: MPEG streams, which broadcasters cut and join.
    var hasUnsteadyClock: Bool { context.pointee.iformat.pointee.flags & AVFMT_TS_DISCONT != 0 }

    /// Whether the format says which streams players choose by themselves.
    var statesDispositions: Bool {
        let name = context.pointee.iformat.pointee.name.map { String(cString: $0) } ?? ""
        return name.contains("matroska") || name.contains("mov")
    }

    /// Whether headers state how many frames there are: MP4 and its kin.
    var countsFrames: Bool {
        context.pointee.iformat.pointee.name.map { String(cString: $0).contains("mov") } ?? false
    }

    /// When the first picture or sound of the file comes, in ticks of its stream.
    var start: (ticks: Int64, base: Rational)? {
        let isUsed: (UnsafeMutablePointer<AVStream>) -> Bool = { stream in
            stream == self.mainVideo
                || stream.pointee.codecpar.pointee.codec_type == AVMEDIA_TYPE_AUDIO
        }
        return streams.filter { isUsed($0) && $0.pointee.start_time != LibAV.noTimestamp }
            .map { (ticks: $0.pointee.start_time, base: Rational($0.pointee.time_base)) }
            .filter { $0.ticks.magnitude < 1 << 60 && $0.base.isPositive }
            .min { Double($0.ticks) * $0.base.value < Double($1.ticks) * $1.base.value }
    }
}

extension MediaStream {
    init(_ stream: UnsafeMutablePointer<AVStream>, of input: MediaInput) {
        let parameters = stream.pointee.codecpar.pointee
        let tags = Tags(stream.pointee.metadata)
        let language = tags["language"]
        self.init(
            index: Int(stream.pointee.index), kind: Self.kind(of: stream, in: input),
            codec: String(cString: avcodec_get_name(parameters.codec_id)),
            language: language == "und" ? nil : language, title: tags["title"],
            dispositions: Self.dispositions(of: stream.pointee.disposition),
            fileName: tags["filename"], mimeType: tags["mimetype"], form: Self.form(of: parameters))
    }

    private static func kind(
        of stream: UnsafeMutablePointer<AVStream>, in input: MediaInput
    ) -> Kind {
        let parameters = stream.pointee.codecpar.pointee
        switch parameters.codec_type {
        case AVMEDIA_TYPE_VIDEO:
            return stream.pointee.disposition & AV_DISPOSITION_ATTACHED_PIC != 0 ? .cover : .video
        case AVMEDIA_TYPE_AUDIO: return .audio
        case AVMEDIA_TYPE_SUBTITLE: return .subtitle
        case AVMEDIA_TYPE_ATTACHMENT: return .attachment
        default:
            // "tmcd", as a number of four characters, the first in the lowest byte.
            if parameters.codec_tag == 0x6463_6D74 { return .timecode }
            // QuickTime's chapters are a text track, which libav reads and then calls so.
            if parameters.codec_id == AV_CODEC_ID_BIN_DATA, parameters.codec_tag == 0x7478_6574,
                input.context.pointee.nb_chapters > 0
            {
                return .chapterTitles
            }
            return .data
        }
    }

    private static func dispositions(of flags: Int32) -> [String] {
        (0..<31).compactMap { bit in
            guard flags & (1 << bit) != 0, let name = av_disposition_to_string(1 << bit) else {
                return nil
            }
            return String(cString: name)
        }
    }

    private static func form(of parameters: AVCodecParameters) -> String? {
        if parameters.codec_type == AVMEDIA_TYPE_VIDEO, parameters.width > 0 {
            return "\(parameters.width)x\(parameters.height)"
        }
        guard parameters.codec_type == AVMEDIA_TYPE_AUDIO, parameters.sample_rate > 0 else {
            return nil
        }
        return "\(parameters.sample_rate) Hz, "
            + Int(parameters.ch_layout.nb_channels).counted("channel")
    }
}

/// Names and values that a file says of itself or of a stream.
struct Tags {
    private(set) var values: [(key: String, value: String)] = []

    init(_ dictionary: OpaquePointer?) {
        var entry: UnsafeMutablePointer<AVDictionaryEntry>?
        while let next = av_dict_get(dictionary, "", entry, AV_DICT_IGNORE_SUFFIX) {
            values.append(
                (String(cString: next.pointee.key), String(cString: next.pointee.value)))
            entry = next
        }
    }

    /// The value of a key in any spelling.
    subscript(key: String) -> String? {
        values.first { $0.key.lowercased() == key }?.value
    }

    /// Adds all but those that `isStale` to a dictionary.
    func add(
        to dictionary: UnsafeMutablePointer<OpaquePointer?>, except isStale: (String) -> Bool
    ) {
        for (key, value) in values where !isStale(key) { av_dict_set(dictionary, key, value, 0) }
    }

    /// What was said of the file that the output was made from, and is not true of the output.
    static func isStale(ofFile key: String) -> Bool {
        ["encoder", "major_brand", "minor_version", "compatible_brands"].contains(key.lowercased())
    }

    /// What was said of the video before it was encoded again.
    static func isStale(ofVideo key: String) -> Bool {
        let key = key.lowercased()
        return ["encoder", "duration", "vendor_id", "rotate", "alpha_mode"].contains(key)
            || ["bps", "number_of_", "_statistics_", "duration-", "source_id"]
                .contains { key.hasPrefix($0) }
    }
}
