import VSRCore
import VSRImaging

/// Turns YUV planes of the caller into RGB planes and back; keeps what that takes from picture to
/// picture.
final class PictureConversion {
    private var decoder: YUVDecoder?
    private var encoder: YUVEncoder?
    /// RGB planes of a high-resolution picture.
    private var pictureBuffer: FloatBuffer?

    /// Bytes held.
    var bytes: Int { (decoder?.bytes ?? 0) + (encoder?.bytes ?? 0) + (pictureBuffer?.bytes ?? 0) }

    /// Writes dense planes `[3, height, width]`.
    func decode(
        _ planes: YUVPlanes, _ format: YUVFormat, size: FrameSize,
        to rgb: UnsafeMutablePointer<Float>
    ) {
        decoder(size, format).decode(planes, to: rgb)
    }

    /// Writes the picture of dense planes `[3, height, width]`.
    func encode(
        _ rgb: UnsafePointer<Float>, size: FrameSize, _ format: YUVFormat,
        to planes: MutableYUVPlanes
    ) throws {
        try encoder(size, format).encode(rgb, to: planes)
    }

    /// Memory for dense planes of a picture that is to be encoded.
    func planes(of size: FrameSize) throws -> UnsafeMutablePointer<Float> {
        let count = Frame.channels * size.area
        if let pictureBuffer, pictureBuffer.count == count { return pictureBuffer.base }
        let made = try FloatBuffer(count: count)
        pictureBuffer = made
        return made.base
    }

    private func decoder(_ size: FrameSize, _ format: YUVFormat) -> YUVDecoder {
        if let decoder, decoder.size == size, decoder.format == format { return decoder }
        let made = YUVDecoder(size: size, format: format)
        decoder = made
        return made
    }

    private func encoder(_ size: FrameSize, _ format: YUVFormat) throws -> YUVEncoder {
        if let encoder, encoder.size == size, encoder.format == format { return encoder }
        let made = try YUVEncoder(size: size, format: format)
        encoder = made
        return made
    }
}
