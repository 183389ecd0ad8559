import VSRCore

/// The decoder and the encoder of the last pictures, kept since most have the same size and format.
package struct YUVCodecs {
    private let threads: Int
    private var decoder: YUVDecoder?
    private var encoder: YUVEncoder?

    /// - Parameter threads: How many may share the work on one picture.
    package init(threads: Int = 1) { self.threads = threads }

    /// Bytes of memory held.
    package var bytes: Int { (decoder?.bytes ?? 0) + (encoder?.bytes ?? 0) }

    package mutating func decoder(_ size: FrameSize, _ format: YUVFormat) -> YUVDecoder {
        if let decoder, decoder.size == size, decoder.format == format { return decoder }
        let made = YUVDecoder(size: size, format: format, threads: threads)
        decoder = made
        return made
    }

    /// - Throws: `unsupported` for a color sample per more than two luma samples.
    package mutating func encoder(_ size: FrameSize, _ format: YUVFormat) throws -> YUVEncoder {
        if let encoder, encoder.size == size, encoder.format == format { return encoder }
        let made = try YUVEncoder(size: size, format: format, threads: threads)
        encoder = made
        return made
    }

    /// The picture in RGB.
    package mutating func frame(_ picture: Picture) -> Frame {
        switch picture {
        case .rgb(let frame): frame
        case .yuv(let planes): planes.frame(by: decoder(planes.size, planes.format))
        }
    }
}
