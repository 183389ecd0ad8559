import CLibAV
import VSRCore

extension VideoProperties {
    /// Says that a format of pictures only leaves out the source's sound and subtitles, if it has any.
    func lossOfStreams(in name: String, _ options: VideoWriterOptions) -> [String] {
        guard options.copiesOtherStreams, let path else { return [] }
        let text = "\(name) holds pictures only: sound and subtitles of \(path) are left out"
        // Of a pipe, the path is known where there are other streams.
        guard MediaInput.isReadTwice(path) else { return [text] }
        guard let input = try? MediaInput(path) else { return [] }
        try? input.probe(maximumArea: VideoReaderOptions().maximumArea)
        let isOther = input.streams.contains {
            let type = $0.pointee.codecpar.pointee.codec_type
            return type == AVMEDIA_TYPE_AUDIO || type == AVMEDIA_TYPE_SUBTITLE
        }
        return isOther ? [text] : []
    }
}
