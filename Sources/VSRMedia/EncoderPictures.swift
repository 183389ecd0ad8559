import CLibAV
import VSRCore

/// Allocates pictures of an encoder's format, size and color tags; from any thread.
struct EncoderPictures: Sendable {
    let size: FrameSize
    /// libav's number of a planar format.
    let pixelFormat: Int32
    private let tags: ColorTags
    private let name: String

    /// - Parameters:
    ///   - tags: Resolved tags: matrix and range are stated.
    ///   - name: What messages call the file.
    init(size: FrameSize, pixelFormat: Int32, tags: ColorTags, name: String) {
        self.size = size
        self.pixelFormat = pixelFormat
        self.tags = tags
        self.name = name
    }

    /// A picture with buffers, whose samples are not set yet.
    ///
    /// - Throws: `outOfMemory`.
    func make() throws -> AVFrameBox {
        let picture = try AVFrameBox()
        picture.pointer.pointee.format = pixelFormat
        picture.pointer.pointee.width = Int32(size.width)
        picture.pointer.pointee.height = Int32(size.height)
        picture.pointer.pointee.colorspace = tags.avSpace
        picture.pointer.pointee.color_primaries = tags.avPrimaries
        picture.pointer.pointee.color_trc = tags.avTransfer
        picture.pointer.pointee.color_range = tags.avRange
        picture.pointer.pointee.chroma_location = tags.avLocation
        try LibAV.check(av_frame_get_buffer(picture.pointer, 0), "cannot encode \(name)")
        return picture
    }
}
