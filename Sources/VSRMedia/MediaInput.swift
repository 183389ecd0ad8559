import CLibAV
import Foundation
import VSRCore

/// An opened media file.
///
/// Only plain files of the containers listed here are touched: no playlists,
/// scripts or addresses that would make libav open something else.
final class MediaInput {
    let path: String
    let context: UnsafeMutablePointer<AVFormatContext>

    private static let formats = [
        "mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm", "avi", "mpegts", "mpeg", "mpegvideo", "flv",
        "asf", "ogg", "h264", "hevc", "ivf", "m4v", "obu", "av1", "yuv4mpegpipe", "mxf", "nut",
        "dv", "gif", "apng", "wtv", "rm", "vc1", "cavsvideo",
    ].joined(separator: ",")

    /// - Throws: `notFound` without such a file, `corruptData` if its format is not recognized.
    init(_ path: String) throws {
        _ = LibAV.quiet
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw VSRError(.notFound, "there is no file \(path)")
        }
        guard !isFolder.boolValue else {
            throw VSRError(.invalidArgument, "\(path) is a folder where a video file is expected")
        }
        var options: OpaquePointer?
        defer { av_dict_free(&options) }
        av_dict_set(&options, "protocol_whitelist", "file", 0)
        av_dict_set(&options, "format_whitelist", Self.formats, 0)
        var opened: UnsafeMutablePointer<AVFormatContext>?
        try LibAV.check(
            avformat_open_input(&opened, LibAV.url(path), nil, &options),
            "cannot read \(path) as a video")
        self.path = path
        context = try LibAV.allocated(opened)
    }

    deinit {
        var context: UnsafeMutablePointer<AVFormatContext>? = context
        avformat_close_input(&context)
    }

    var streams: [UnsafeMutablePointer<AVStream>] {
        (0..<Int(context.pointee.nb_streams)).compactMap { context.pointee.streams[$0] }
    }

    /// Whether one of the streams is sound.
    var hasSound: Bool {
        streams.contains { $0.pointee.codecpar.pointee.codec_type == AVMEDIA_TYPE_AUDIO }
    }

    /// Looks into the streams for what the header does not tell, within `maximumArea` pixels.
    func probe(maximumArea: Int) throws {
        let count = Int(context.pointee.nb_streams)
        var options = [OpaquePointer?](repeating: nil, count: max(count, 1))
        let status = options.withUnsafeMutableBufferPointer { options in
            for index in options.indices {
                av_dict_set(&options[index], "max_pixels", String(maximumArea), 0)
            }
            let status = avformat_find_stream_info(
                context, count > 0 ? options.baseAddress : nil)
            for index in options.indices { av_dict_free(&options[index]) }
            return status
        }
        try LibAV.check(status, "cannot read \(path) as a video")
    }

    /// Whether reading has come to the end of the file itself, not only of the video.
    var isExhausted: Bool { context.pointee.pb.map { $0.pointee.eof_reached != 0 } ?? false }
}
