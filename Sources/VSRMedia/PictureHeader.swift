import Foundation
import VSRCore

/// What the segments of a JPEG or the chunks of a PNG picture say before it is decoded.
struct PictureHeader {
    /// As stored, before ``orientation`` turns it.
    private(set) var size: FrameSize?
    /// Components of a JPEG picture: 1 gray, 3 color, 4 CMYK.
    private(set) var components: Int?
    /// EXIF's: 1 upright, 2…8 mirrored and turned.
    private(set) var orientation = 1

    /// The size as the picture is seen.
    var uprightSize: FrameSize? {
        size.map { orientation < 5 ? $0 : FrameSize(width: $0.height, height: $0.width) }
    }

    /// - Parameter data: The file, or as much of its beginning as holds what is asked.
    init(_ data: Data) {
        let bytes = [UInt8](data)
        if bytes.starts(with: [0xFF, 0xD8]) { readSegments(bytes) } else { readChunks(bytes) }
    }

    private static func number(_ bytes: [UInt8], _ offset: Int, count: Int) -> Int? {
        guard offset >= 0, offset + count <= bytes.count else { return nil }
        return bytes[offset..<offset + count].reduce(0) { $0 << 8 | Int($1) }
    }

    /// Source: ITU-T T.81, annex B.
    private mutating func readSegments(_ bytes: [UInt8]) {
        var offset = 2
        while let mark = Self.number(bytes, offset, count: 2), mark >> 8 == 0xFF {
            let kind = mark & 255
            // A fill byte, marks without content, and the beginning of what is compressed.
            if kind == 0xFF {
                offset += 1
                continue
            }
            if kind == 0x01 || (0xD0...0xD8).contains(kind) {
                offset += 2
                continue
            }
            guard kind != 0xDA, kind != 0xD9,
                let length = Self.number(bytes, offset + 2, count: 2), length >= 2
            else { return }
            let start = offset + 4
            if (0xC0...0xCF).contains(kind), ![0xC4, 0xC8, 0xCC].contains(kind),
                let height = Self.number(bytes, start + 1, count: 2),
                let width = Self.number(bytes, start + 3, count: 2)
            {
                size = FrameSize(width: width, height: height)
                components = Self.number(bytes, start + 5, count: 1)
            }
            let end = min(offset + 2 + length, bytes.count)
            if kind == 0xE1, start + 6 <= end,
                bytes[start..<start + 6].elementsEqual(Array("Exif\0\0".utf8))
            {
                readOrientation(Array(bytes[start + 6..<end]))
            }
            offset += 2 + length
        }
    }

    /// Source: PNG (Third Edition), 5.3.
    private mutating func readChunks(_ bytes: [UInt8]) {
        var offset = 8
        while let length = Self.number(bytes, offset, count: 4), offset + 8 <= bytes.count {
            let name = String(decoding: bytes[offset + 4..<offset + 8], as: UTF8.self)
            let start = offset + 8
            if name == "IHDR", let width = Self.number(bytes, start, count: 4),
                let height = Self.number(bytes, start + 4, count: 4)
            {
                size = FrameSize(width: width, height: height)
            } else if name == "eXIf", start <= bytes.count {
                readOrientation(Array(bytes[start..<min(start + length, bytes.count)]))
            }
            offset = start + length + 4
        }
    }

    /// Source: TIFF 6.0 (directories), Exif 2.32 (tag 0x112).
    private mutating func readOrientation(_ bytes: [UInt8]) {
        let isLittle = bytes.starts(with: Array("II*\0".utf8))
        guard isLittle || bytes.starts(with: Array("MM\0*".utf8)) else { return }
        func value(_ offset: Int, _ count: Int) -> Int? {
            guard offset >= 0, offset + count <= bytes.count else { return nil }
            let slice = bytes[offset..<offset + count]
            return (isLittle ? Array(slice.reversed()) : Array(slice)).reduce(0) {
                $0 << 8 | Int($1)
            }
        }
        guard let directory = value(4, 4), let entries = value(directory, 2) else { return }
        for index in 0..<entries {
            let entry = directory + 2 + 12 * index
            guard let tag = value(entry, 2) else { return }
            // A short (type 3) stands at the beginning of its four bytes.
            if tag == 0x112, let found = value(entry + 8, 2), (1...8).contains(found) {
                orientation = found
                return
            }
        }
    }
}
