import CLibAV
import Foundation
import Testing
import VSRCore
import VSRTestSupport

@testable import VSRMedia

@Suite struct ImageFileTests {
    @Test(arguments: [(1, 1), (7, 5), (64, 33), (257, 3)])
    func pngKeepsEveryByte(width: Int, height: Int) throws {
        let folder = try TemporaryFolder()
        let picture = TestPictures.noise(FrameSize(width: width, height: height), seed: 5)
        try ImageFile.write(picture.frame, to: folder.path("a.png"))
        #expect(try ImageFile.readBytes(folder.path("a.png")) == picture)
        #expect(try folder.entries() == ["a.png"])
    }

    @Test(arguments: ["a.png", "a.jpg"]) func theSizeIsKnownWithoutDecoding(name: String) throws {
        let folder = try TemporaryFolder()
        let path = folder.path(name)
        let size = FrameSize(width: 300, height: 7)
        try ImageFile.write(TestPictures.noise(size, seed: 5).frame, to: path)
        #expect(try ImageFile.size(of: path) == size)
        #expect(throws: VSRError.self) { try ImageFile.size(of: folder.path("none.png")) }
    }

    @Test func impossibleSizesAreRefused() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("a.png")
        let frame = Frame(size: FrameSize(width: 3, height: 2))
        for bytes in [[0, 0, 0, 0], [255, 255, 255, 255], [127, 255, 255, 255]] as [[UInt8]] {
            var data = try ImageFile.encode(frame, as: .png)
            data.replaceSubrange(16..<20, with: bytes)
            data.replaceSubrange(20..<24, with: bytes)
            try data.write(to: URL(fileURLWithPath: path))
            #expect(throws: VSRError.self) { try ImageFile.size(of: path) }
        }
    }

    /// 8-bit RGB is taken as it is, other formats pass through floats: both must round alike.
    @Test(arguments: [("a.png", 8), ("a.png", 16), ("a.jpg", 8)])
    func bytesAreTheRoundedFrame(name: String, depth: Int) throws {
        let folder = try TemporaryFolder()
        let path = folder.path(name)
        let noise = TestPictures.noise(FrameSize(width: 37, height: 11), seed: 5).frame
        var options = ImageOptions()
        options.depth = depth
        try ImageFile.write(noise, to: path, options: options)
        #expect(try ImageFile.readBytes(path) == ByteFrame(rounding: try ImageFile.read(path)))
    }

    @Test func pngOf16BitsKeepsEveryLevel() throws {
        let size = FrameSize(width: 256, height: 256)
        let levels = (0..<65536).map { Float($0) / 65535 }
        var options = ImageOptions()
        options.depth = 16
        let frame = Frame(size: size, samples: levels + levels.reversed() + levels)
        let data = try ImageFile.encode(frame, as: .png, options: options)
        #expect(try ImageFile.decode(data, name: "memory") == frame)
    }

    @Test func jpegComesCloseAndIsBetterAtHigherQuality() throws {
        let frame = TestPictures.smooth(FrameSize(width: 64, height: 48), frame: 0)
        var errors: [Double] = []
        for quality in [30, 100] {
            var options = ImageOptions()
            options.quality = quality
            let decoded = try ImageFile.decode(
                ImageFile.encode(frame, as: .jpeg, options: options), name: "memory")
            let squares = zip(decoded.samples, frame.samples).map { Double(($0 - $1) * ($0 - $1)) }
            errors.append((squares.reduce(0, +) / Double(squares.count)).squareRoot() * 255)
        }
        // At the finest quantizer a smooth picture keeps within the rounding of YCbCr and DCT.
        #expect(errors[1] < 1)
        #expect(errors[0] < 8)
        #expect(errors[1] < errors[0])
    }

    /// Encodes a picture of any format as PNG, for formats that the library does not write.
    private static func png(
        _ format: AVPixelFormat, _ fill: (UnsafeMutablePointer<AVFrame>) -> Void
    ) throws -> Data {
        let picture = try AVFrameBox()
        picture.pointer.pointee.format = format.rawValue
        picture.pointer.pointee.width = 4
        picture.pointer.pointee.height = 2
        try LibAV.check(av_frame_get_buffer(picture.pointer, 0), "test")
        fill(picture.pointer)
        let codec = try LibAV.allocated(avcodec_find_encoder(AV_CODEC_ID_PNG))
        var context: UnsafeMutablePointer<AVCodecContext>? = avcodec_alloc_context3(codec)
        defer { avcodec_free_context(&context) }
        let encoder = try LibAV.allocated(context)
        encoder.pointee.width = 4
        encoder.pointee.height = 2
        encoder.pointee.pix_fmt = format
        encoder.pointee.time_base = AVRational(num: 1, den: 1)
        try LibAV.check(avcodec_open2(encoder, codec, nil), "test")
        let packet = try AVPacketBox()
        try LibAV.check(avcodec_send_frame(encoder, picture.pointer), "test")
        try LibAV.check(avcodec_receive_packet(encoder, packet.pointer), "test")
        return Data(bytes: packet.pointer.pointee.data, count: Int(packet.pointer.pointee.size))
    }

    private static func bytes(_ picture: UnsafeMutablePointer<AVFrame>, row: Int, _ values: [UInt8])
    {
        for (index, value) in values.enumerated() {
            picture.pointee.data.0?[row * Int(picture.pointee.linesize.0) + index] = value
        }
    }

    @Test func grayIsSpreadOverThePlanes() throws {
        let data = try Self.png(AV_PIX_FMT_GRAY8) { picture in
            Self.bytes(picture, row: 0, [0, 1, 128, 255])
            Self.bytes(picture, row: 1, [9, 8, 7, 6])
        }
        let frame = ByteFrame(rounding: try ImageFile.decode(data, name: "gray"))
        let plane: [UInt8] = [0, 1, 128, 255, 9, 8, 7, 6]
        #expect(frame.samples == plane + plane + plane)
    }

    @Test func alphaIsDroppedAndColorsStay() throws {
        let data = try Self.png(AV_PIX_FMT_RGBA) { picture in
            for row in 0..<2 {
                let base = UInt8(row * 100)
                Self.bytes(picture, row: row, (0..<16).map { base + UInt8($0) })
            }
        }
        let frame = ByteFrame(rounding: try ImageFile.decode(data, name: "alpha"))
        #expect(
            frame.samples == [
                0, 4, 8, 12, 100, 104, 108, 112, 1, 5, 9, 13, 101, 105, 109, 113, 2, 6, 10, 14,
                102, 106, 110, 114,
            ])
    }

    @Test func palettesAreLookedUp() throws {
        let data = try Self.png(AV_PIX_FMT_PAL8) { picture in
            Self.bytes(picture, row: 0, [0, 1, 2, 3])
            Self.bytes(picture, row: 1, [3, 3, 0, 0])
            let colors: [UInt32] = [0xFF10_2030, 0xFFFF_0000, 0xFF00_FF00, 0xFF00_00FF]
            for (index, color) in colors.enumerated() {
                UnsafeMutableRawPointer(picture.pointee.data.1)?.storeBytes(
                    of: color, toByteOffset: 4 * index, as: UInt32.self)
            }
        }
        let frame = ByteFrame(rounding: try ImageFile.decode(data, name: "palette"))
        #expect(
            frame.samples == [
                0x10, 255, 0, 0, 0, 0, 0x10, 0x10, 0x20, 0, 255, 0, 0, 0, 0x20, 0x20, 0x30, 0, 0,
                255, 255, 255, 0x30, 0x30,
            ])
    }

    @Test func cutAndFlippedPicturesAreRefused() throws {
        let frame = TestPictures.noise(FrameSize(width: 40, height: 30), seed: 1).frame
        for format in [ImageFormat.png, .jpeg] {
            let data = try ImageFile.encode(frame, as: format)
            for length in [0, 1, 8, 20, data.count / 2, data.count - 40] {
                #expect(throws: VSRError.self, "\(format) cut to \(length)") {
                    try ImageFile.decode(data.prefix(length), name: "cut")
                }
            }
        }
        var data = try ImageFile.encode(frame, as: .png)
        data[data.count / 2] ^= 0x10
        let error = #expect(throws: VSRError.self) { try ImageFile.decode(data, name: "x.png") }
        #expect(error?.message.contains("x.png") == true)
    }

    @Test func hugePicturesAreRefusedByTheirHeader() throws {
        var data = try ImageFile.encode(
            Frame(size: FrameSize(width: 4, height: 4)), as: .png)
        // Width and height of the IHDR chunk: 0x00010000 each.
        data.replaceSubrange(16..<24, with: [0, 1, 0, 0, 0, 1, 0, 0])
        #expect(throws: VSRError.self) { try ImageFile.decode(data, name: "huge") }
        let small = try ImageFile.encode(Frame(size: FrameSize(width: 20, height: 20)), as: .png)
        #expect(throws: VSRError.self) {
            try ImageFile.decode(small, name: "small", maximumArea: 100)
        }
    }

    @Test func otherFilesAndNamesAreRefused() throws {
        let folder = try TemporaryFolder()
        let error = #expect(throws: VSRError.self) {
            try ImageFile.decode(Data("GIF89a".utf8), name: "a.gif")
        }
        #expect(error?.code == .unsupported)
        #expect(throws: VSRError.self) {
            try ImageFile.write(
                Frame(size: FrameSize(width: 1, height: 1)), to: folder.path("a.bmp"))
        }
        let missing = #expect(throws: VSRError.self) { try ImageFile.read(folder.path("no.png")) }
        #expect(missing?.code == .notFound)
    }
}
