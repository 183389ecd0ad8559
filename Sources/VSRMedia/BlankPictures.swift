import CLibAV
import VSRCore
import VSRImaging

/// Makes pictures in the format of an encoder, to be filled and then written; from any thread.
public struct BlankPictures: Sendable {
    public var size: FrameSize { allocation.size }
    public let format: YUVFormat
    private let allocation: EncoderPictures

    /// - Parameter format: What the pictures of `allocation` hold.
    init(_ format: YUVFormat, _ allocation: EncoderPictures) {
        self.format = format
        self.allocation = allocation
    }

    /// A picture whose samples are not set yet.
    ///
    /// - Throws: `outOfMemory`.
    public func picture() throws -> YUVPicture {
        let box = try allocation.make()
        let planes = try LibAV.allocated(PictureFiller.planes(of: box.pointer, format))
        return YUVPicture(
            size: size, format: format, planes: planes, memory: BlankMemory(box, of: self))
    }

    /// The picture as libav's, if these blanks made it.
    func picture(of picture: YUVPicture) -> UnsafeMutablePointer<AVFrame>? {
        guard let memory = picture.memory as? BlankMemory,
            memory.pixelFormat == allocation.pixelFormat,
            picture.size == size, picture.format == format
        else { return nil }
        return memory.box.pointer
    }

    /// What keeps a blank picture's memory, and tells it from a decoder's.
    private final class BlankMemory {
        let box: AVFrameBox
        let pixelFormat: Int32

        init(_ box: AVFrameBox, of blanks: BlankPictures) {
            self.box = box
            pixelFormat = blanks.allocation.pixelFormat
        }
    }
}
