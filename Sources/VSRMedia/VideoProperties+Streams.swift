import CLibAV
import VSRCore

extension VideoProperties {
    /// Says that a format of pictures only leaves out the source's sound and subtitles, if it has any.
    ///
    /// - Throws: `unsupported` where that is not to be.
    func lossOfStreams(in name: String, _ options: VideoWriterOptions) throws -> [String] {
        guard options.copiesOtherStreams, let path else { return [] }
        let text = "\(name) holds pictures only: sound and subtitles of \(path) are left out"
        // Of a pipe, the path is known where there are other streams.
        guard isReadOnce || Self.hasOthers(path) else { return [] }
        guard !options.refusesLosses else {
            throw VSRError(.unsupported, "\(text): name an .mkv file, or allow losses")
        }
        return [text]
    }

    private static func hasOthers(_ path: String) -> Bool {
        guard let input = try? MediaInput(path) else { return false }
        try? input.probe(maximumArea: VideoReaderOptions().maximumArea)
        return input.streams.contains {
            let type = $0.pointee.codecpar.pointee.codec_type
            return type == AVMEDIA_TYPE_AUDIO || type == AVMEDIA_TYPE_SUBTITLE
        }
    }
}
