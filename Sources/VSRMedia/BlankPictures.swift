import CLibAV
import VSRCore
import VSRImaging

/// Makes pictures in the format of an encoder, to be filled and then written; from any thread.
public struct BlankPictures: Sendable {
    public let size: FrameSize
    public let format: YUVFormat
    private let pixelFormat: Int32
    private let name: String

    /// - Parameter pixelFormat: libav's number of a planar format that fits `format`.
    init(_ size: FrameSize, _ format: YUVFormat, pixelFormat: Int32, name: String) {
        self.size = size
        self.format = format
        self.pixelFormat = pixelFormat
        self.name = name
    }

    /// A picture whose samples are not set yet.
    ///
    /// - Throws: `outOfMemory`.
    public func picture() throws -> YUVPicture {
        let box = try AVFrameBox()
        box.pointer.pointee.format = pixelFormat
        box.pointer.pointee.width = Int32(size.width)
        box.pointer.pointee.height = Int32(size.height)
        try LibAV.check(av_frame_get_buffer(box.pointer, 0), "cannot encode \(name)")
        let planes = try LibAV.allocated(PictureFiller.planes(of: box.pointer, format))
        return YUVPicture(
            size: size, format: format, planes: planes, memory: BlankMemory(box, of: self))
    }

    /// The picture as libav's, if these blanks made it.
    func picture(of picture: YUVPicture) -> UnsafeMutablePointer<AVFrame>? {
        guard let memory = picture.memory as? BlankMemory, memory.pixelFormat == pixelFormat,
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
            pixelFormat = blanks.pixelFormat
        }
    }
}
