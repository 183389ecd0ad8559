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
    /// Where the file can be read only once.
    private let pipe: PipeReader?

    /// Whether it can be read only once, from beginning to end.
    var isPipe: Bool { pipe != nil }

    /// What messages call standard input.
    static let standardInputName = "standard input"

    private static let formats = [
        "mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm", "avi", "mpegts", "mpeg", "mpegvideo", "flv",
        "asf", "ogg", "h264", "hevc", "ivf", "m4v", "obu", "av1", "yuv4mpegpipe", "mxf", "nut",
        "dv", "gif", "apng", "wtv", "rm", "vc1", "cavsvideo",
    ].joined(separator: ",")

    /// - Parameter cancellation: Looked at where a pipe is waited for.
    /// - Throws: `notFound` without such a file, `corruptData` if its format is not recognized.
    init(_ path: String, cancellation: Cancellation? = nil) throws {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw VSRError(.notFound, "there is no file \(path)")
        }
        guard !isFolder.boolValue else {
            throw VSRError(.invalidArgument, "\(path) is a folder where a video file is expected")
        }
        self.path = path
        if Self.isSeekable(path) {
            pipe = nil
            context = try Self.open(path, nil)
        } else {
            let pipe = try PipeReader(path: path, cancellation: cancellation)
            self.pipe = pipe
            context = try Self.open(path, pipe, cancellation)
        }
    }

    /// Reads standard input.
    ///
    /// - Throws: `invalidArgument` if it is closed or a terminal, `corruptData` if its format is not
    ///   recognized.
    init(standardInputFor cancellation: Cancellation?) throws {
        path = Self.standardInputName
        let hasInput =
            !StandardStream.closedDescriptors.contains(STDIN_FILENO)
            && fcntl(STDIN_FILENO, F_GETFD) != -1
        guard hasInput, isatty(STDIN_FILENO) == 0 else {
            throw VSRError(
                .invalidArgument,
                "standard input is \(hasInput ? "a terminal" : "closed"): let another program write "
                    + "a video to it, as in ffmpeg -i in.mp4 -f yuv4mpegpipe - | …")
        }
        let pipe = try PipeReader(descriptor: STDIN_FILENO, cancellation: cancellation)
        self.pipe = pipe
        context = try Self.open(path, pipe, cancellation)
    }

    private static func open(
        _ path: String, _ pipe: PipeReader?, _ cancellation: Cancellation? = nil
    ) throws -> UnsafeMutablePointer<AVFormatContext> {
        _ = LibAV.quiet
        var options: OpaquePointer?
        defer { av_dict_free(&options) }
        av_dict_set(&options, "protocol_whitelist", "file", 0)
        av_dict_set(&options, "format_whitelist", Self.formats, 0)
        var opened: UnsafeMutablePointer<AVFormatContext>?
        if let pipe {
            opened = avformat_alloc_context()
            try LibAV.allocated(opened).pointee.pb = pipe.context
        }
        let status = avformat_open_input(
            &opened, pipe == nil ? LibAV.url(path) : nil, nil, &options)
        try cancellation?.check()
        let hint = pipe == nil ? "" : " (a pipe takes what can be read from its beginning, as y4m)"
        try LibAV.check(status, "cannot read \(path) as a video\(hint)")
        let context = try LibAV.allocated(opened)
        DemuxerComplaints.begin(context)
        return context
    }

    /// Whether what lies at a path can be read more than once.
    static func isSeekable(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) != 0 || status.st_mode & S_IFMT == S_IFREG
            || status.st_mode & S_IFMT == S_IFBLK
    }

    /// Ends waiting for a pipe; may be called by any thread.
    func stop() { pipe?.stop() }

    deinit {
        DemuxerComplaints.end(context)
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
