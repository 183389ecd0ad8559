import VSRCore

/// A picture in planes of luma and color differences, as decoders give and encoders take it.
///
/// Its samples stay where the codec has them: a picture is handed on, never copied. It belongs to
/// one thread at a time.
public final class YUVPicture: @unchecked Sendable {
    public let size: FrameSize
    public let format: YUVFormat
    package let planes: YUVPlanes
    /// Keeps the planes' memory alive.
    package let memory: AnyObject

    package init(size: FrameSize, format: YUVFormat, planes: YUVPlanes, memory: AnyObject) {
        self.size = size
        self.format = format
        self.planes = planes
        self.memory = memory
    }

    /// The planes for writing: of a picture that an encoder is to be given.
    package var writablePlanes: MutableYUVPlanes {
        MutableYUVPlanes(
            luma: planes.luma.mutable, first: planes.first.mutable, second: planes.second.mutable)
    }

    /// The picture in RGB; `decoder` is made for its size and format.
    package func frame(by decoder: YUVDecoder) -> Frame {
        let samples = [Float](unsafeUninitializedCapacity: Frame.channels * size.area) {
            output, count in
            if let base = output.baseAddress { decoder.decode(planes, to: base) }
            count = Frame.channels * size.area
        }
        return Frame(size: size, samples: samples)
    }
}

/// A picture on its way from a file to an upscaler or back.
public enum Picture: Sendable {
    case rgb(Frame)
    /// As a decoder gave it or an encoder takes it.
    case yuv(YUVPicture)

    public var size: FrameSize {
        switch self {
        case .rgb(let frame): frame.size
        case .yuv(let picture): picture.size
        }
    }

    /// The picture in RGB.
    public var frame: Frame {
        switch self {
        case .rgb(let frame): frame
        case .yuv(let picture):
            picture.frame(by: YUVDecoder(size: picture.size, format: picture.format))
        }
    }
}
