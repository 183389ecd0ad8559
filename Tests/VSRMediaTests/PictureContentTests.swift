import Foundation
import Testing
import VSRCore
import VSRImaging
import VSRTestSupport

@testable import VSRMedia

@Suite struct PictureContentTests {
    private static let size = FrameSize(width: 5, height: 3)

    private static func write(_ data: Data, _ path: String) throws {
        try data.write(to: URL(fileURLWithPath: path))
    }

    /// EXIF's entry of an orientation, in either byte order, behind another entry.
    private static func exif(_ orientation: UInt8, isLittle: Bool) -> [UInt8] {
        isLittle
            ? Array("II*\0".utf8) + [8, 0, 0, 0, 2, 0]
                + [0x0F, 1, 2, 0, 1, 0, 0, 0, 65, 0, 0, 0]
                + [0x12, 1, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0] + [0, 0, 0, 0]
            : Array("MM\0*".utf8) + [0, 0, 0, 8, 0, 2]
                + [1, 0x0F, 0, 2, 0, 0, 0, 1, 65, 0, 0, 0]
                + [1, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0] + [0, 0, 0, 0]
    }

    /// A PNG picture with another chunk behind its header.
    private static func inserting(_ name: String, _ content: [UInt8], into png: Data) -> Data {
        var checksum: UInt32 = 0xFFFF_FFFF
        for byte in Array(name.utf8) + content {
            checksum ^= UInt32(byte)
            for _ in 0..<8 {
                checksum = checksum & 1 == 1 ? 0xEDB8_8320 ^ checksum >> 1 : checksum >> 1
            }
        }
        func bytes(_ value: UInt32) -> [UInt8] { [24, 16, 8, 0].map { UInt8(value >> $0 & 255) } }
        let chunk = bytes(UInt32(content.count)) + Array(name.utf8) + content + bytes(~checksum)
        return png.prefix(33) + Data(chunk) + png.dropFirst(33)
    }

    /// Where the stored picture's first row and column are to be seen, as Exif 2.32 has it, for each
    /// orientation: the stored position of the upright picture's pixel (x, y) of `size`.
    private static func stored(_ orientation: Int, x: Int, y: Int) -> (x: Int, y: Int) {
        let (right, bottom) = (size.width - 1, size.height - 1)
        return switch orientation {
        case 2: (right - x, y)
        case 3: (right - x, bottom - y)
        case 4: (x, bottom - y)
        case 5: (y, x)
        case 6: (y, bottom - x)
        case 7: (right - y, bottom - x)
        case 8: (right - y, x)
        default: (x, y)
        }
    }

    @Test(arguments: 1...8) func picturesAreTurnedAsTheirExifSays(orientation: Int) throws {
        let folder = try TemporaryFolder()
        let noise = TestPictures.noise(Self.size, seed: 3)
        let png = try ImageFile.encode(noise.frame, as: .png)
        for isLittle in [true, false] {
            let exif = Self.exif(UInt8(orientation), isLittle: isLittle)
            try Self.write(Self.inserting("eXIf", exif, into: png), folder.path("a.png"))
            let content = try ImageFile.readContent(folder.path("a.png"))
            let upright = ByteFrame(rounding: content.frame)
            #expect(upright.width == (orientation < 5 ? 5 : 3))
            #expect(content.isTurned == (orientation > 1))
            for y in 0..<upright.height {
                for x in 0..<upright.width {
                    let source = Self.stored(orientation, x: x, y: y)
                    #expect(upright[1, y, x] == noise[1, source.y, source.x])
                }
            }
            // In JPEG, the segment's size counts; the picture itself is read as it was.
            let jpeg = try ImageFile.encode(noise.frame, as: .jpeg)
            let segment = Array("Exif\0\0".utf8) + exif
            let marked =
                jpeg.prefix(2) + Data([0xFF, 0xE1, 0, UInt8(segment.count + 2)] + segment)
                + jpeg.dropFirst(2)
            try Self.write(marked, folder.path("a.jpg"))
            let turned = try ImageFile.readContent(folder.path("a.jpg"))
            let plain = try ImageFile.decode(jpeg, name: "plain")
            for y in 0..<turned.frame.height {
                for x in 0..<turned.frame.width {
                    let source = Self.stored(orientation, x: x, y: y)
                    #expect(turned.frame[0, y, x] == plain[0, source.y, source.x])
                }
            }
            #expect(PictureHeader(marked).uprightSize == turned.frame.size)
        }
    }

    @Test func damagedMarksAreNone() {
        for data in [
            Data(), Data([0xFF, 0xD8]), Data([0xFF, 0xD8, 0xFF, 0xE1, 0xFF, 0xFF]),
            Data([0xFF, 0xD8, 0xFF, 0xE1, 0, 9] + Array("Exif\0\0II".utf8)),
            Data(
                [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 255, 255, 255, 255]
                    + Array("eXIf".utf8)),
        ] {
            let header = PictureHeader(data)
            #expect(header.orientation == 1 && header.size == nil)
        }
    }

    @Test func depthAndAlphaComeBackExactly() throws {
        let folder = try TemporaryFolder()
        let levels = (0..<15).map { Float($0 * 4369) / 65535 }
        let frame = Frame(size: Self.size, samples: levels + levels.reversed() + levels)
        let alpha = AlphaPlane(size: Self.size, samples: Array(levels.reversed()))
        for depth in [8, 16] {
            var options = ImageOptions()
            options.depth = depth
            try Self.write(
                try ImageFile.encode(frame, as: .png, options: options, alpha: alpha),
                folder.path("a.png"))
            let content = try ImageFile.readContent(folder.path("a.png"))
            // 4369 is 65535 / 15, and 17 is 255 / 15.
            #expect(content.frame == frame && content.alpha == alpha && content.depth == depth)
        }
    }

    /// Decodes a chunk by Python's zlib, apart from what wrote it.
    private static func profile(in path: String) throws -> [UInt8] {
        let script = """
            if True: import sys, zlib, struct
            data = open(sys.argv[1], 'rb').read()
            if data[:4] == b'\\x89PNG':
                at, found = 8, b''
                while at < len(data):
                    size, = struct.unpack('>I', data[at:at + 4])
                    chunk = data[at + 4:at + 8 + size]
                    assert zlib.crc32(chunk) == struct.unpack('>I', data[at + 8 + size:at + 12 + size])[0]
                    if chunk[:4] == b'iCCP': found = zlib.decompress(chunk[chunk.index(0, 4) + 2:])
                    at += 12 + size
            else:
                at, pieces = 2, []
                while data[at] == 0xFF and data[at + 1] != 0xDA:
                    size, = struct.unpack('>H', data[at + 2:at + 4])
                    part = data[at + 4:at + 2 + size]
                    if data[at + 1] == 0xE2 and part[:12] == b'ICC_PROFILE\\0':
                        pieces.append((part[12], part[13], part[14:]))
                    at += 2 + size
                assert [p[:2] for p in pieces] == [(i + 1, len(pieces)) for i in range(len(pieces))]
                found = b''.join(p[2] for p in pieces)
            print(found.hex())
            """
        let result = try ShellResult("python3 - '\(path)' <<'END'\n\(script)\nEND", in: "/")
        try #require(result.status == 0, "\(result.errors)")
        let text = Array(result.output.trimmingCharacters(in: .whitespacesAndNewlines))
        return stride(from: 0, to: text.count, by: 2).map {
            UInt8(String(text[$0..<$0 + 2]), radix: 16) ?? 0
        }
    }

    @Test(arguments: [128, 3000, 70000], ["png", "jpg"])
    func colorProfilesAreCopied(length: Int, suffix: String) throws {
        let folder = try TemporaryFolder()
        var profile = (0..<length).map { UInt8(truncatingIfNeeded: $0 * 7) }
        profile.replaceSubrange(0..<4, with: [24, 16, 8, 0].map { UInt8(length >> $0 & 255) })
        profile.replaceSubrange(16..<20, with: Array("RGB ".utf8))
        let path = folder.path("a.\(suffix)")
        let format: ImageFormat = suffix == "png" ? .png : .jpeg
        let frame = TestPictures.noise(Self.size, seed: 1).frame
        try Self.write(
            try ImageFile.encode(frame, as: format, colorProfile: profile), path)
        #expect(try Self.profile(in: path) == profile)
        // And through the library: read, and written again beside other pictures.
        let content = try ImageFile.readContent(path)
        #expect(content.colorProfile == profile)
        #expect(
            content.frame
                == (try ImageFile.decode(
                    try ImageFile.encode(frame, as: format), name: "plain")))
        profile.replaceSubrange(16..<20, with: Array("GRAY".utf8))
        try Self.write(try ImageFile.encode(frame, as: format, colorProfile: profile), path)
        #expect(try ImageFile.readContent(path).colorProfile == nil)
    }

    @Test func cmykIsRefusedByName() throws {
        let segment: [UInt8] =
            [0xFF, 0xC0, 0, 20, 8, 0, 8, 0, 8, 4]
            + (1...4).flatMap { [UInt8($0), 0x11, 0] }
        let data = Data([0xFF, 0xD8] + segment + [0xFF, 0xDA, 0, 2, 0xFF, 0xD9])
        let error = #expect(throws: VSRError.self) {
            try ImageFile.decode(data, name: "print.jpg")
        }
        #expect(error?.code == .unsupported)
        #expect(error?.message.contains("print.jpg is a CMYK picture") == true)
    }

    @Test func gapsAreSaid() {
        func text(_ names: [String]) -> String? { SequenceNumbers(names).gapText }
        #expect(
            text(["0001.png", "0002.png", "0005.png"])?.hasPrefix(
                "2 pictures missing between 0002.png and 0005.png") == true)
        #expect(
            text(["a9.png", "a11.png", "a12.png", "a20.png"])?.contains(
                "1 picture missing between a9.png and a11.png, and 1 other gap") == true)
        // Steps of ten, one picture, other names, numbers beyond words.
        #expect(text(["f0.png", "f10.png", "f20.png"]) == nil)
        #expect(text(["1.png"]) == nil && text([]) == nil)
        #expect(text(["a1.png", "b7.png"]) == nil && text(["cover.png", "end.png"]) == nil)
        #expect(text(["a1x.png", "a2x.png", "a4x.png"])?.contains("a2x.png and a4x.png") == true)
        #expect(text(["1.png", "99999999999999999999999.png"]) == nil)
        #expect(text(["1.jpg", "1.png", "2.png"])?.contains("1.jpg and 1.png") == true)
    }

    @Test func foldersTellWhatIsIgnored() throws {
        let folder = try TemporaryFolder()
        for name in ["2.png", "10.png", "1.png"] {
            try ImageFile.write(Frame(size: Self.size), to: folder.path(name))
        }
        for name in [".DS_Store", "Thumbs.db", "notes.txt", "b.webp"] {
            try Self.write(Data("x".utf8), folder.path(name))
        }
        let reader = try ImageSequenceReader(folder.path)
        #expect(reader.warnings.count == 2)
        #expect(reader.warnings[0].contains("7 pictures missing between 2.png and 10.png"))
        #expect(reader.warnings[1].contains("b.webp, notes.txt (2 of"))
        try reader.survey(first: nil)
        try ImageFile.write(
            Frame(size: FrameSize(width: 6, height: 3)), to: folder.path("11.png"))
        let mixed = try ImageSequenceReader(folder.path)
        try mixed.survey(first: 3)
        let error = #expect(throws: VSRError.self) { try mixed.survey(first: nil) }
        #expect(error?.code == .shapeMismatch && error?.message.contains("11.png") == true)
    }
}
