import CLibAV
import Foundation
import VSRCore

/// ICC profiles of pictures: taken from decoded ones, put into encoded ones unchanged.
enum ColorProfile {
    /// The profile of a decoded picture, if it has one.
    static func bytes(of picture: UnsafePointer<AVFrame>) -> [UInt8]? {
        guard let item = av_frame_get_side_data(picture, AV_FRAME_DATA_ICC_PROFILE),
            item.pointee.size > 0
        else { return nil }
        return [UInt8](UnsafeBufferPointer(start: item.pointee.data, count: Int(item.pointee.size)))
    }

    /// Whether it describes RGB colors, as pictures that are written have.
    ///
    /// Source: ICC.1:2022, 7.2.6.
    static func isRGB(_ profile: [UInt8]) -> Bool {
        profile.count >= 128 && profile[16..<20].elementsEqual(Array("RGB ".utf8))
    }

    /// The encoded picture with the profile in it.
    static func adding(_ profile: [UInt8], to data: Data, _ format: ImageFormat) -> Data {
        switch format {
        case .png: addingChunk(profile, to: data)
        case .jpeg: addingSegments(profile, to: data)
        }
    }

    /// Behind the header chunk, which is 25 bytes after a signature of 8.
    private static func addingChunk(_ profile: [UInt8], to data: Data) -> Data {
        var content = Array("iCCP".utf8) + Array("ICC profile".utf8) + [0, 0]
        content += storedZlib(profile)
        let length = bigEndian(UInt32(content.count - 4))
        let checksum = bigEndian(crc32(content))
        var result = Data(data.prefix(33))
        result += Data(length + content + checksum)
        return result + data.dropFirst(33)
    }

    /// In pieces, since a segment holds less than 64 KiB; behind JFIF's segment, which is the first.
    ///
    /// Source: ICC.1:2022, annex B.4.
    private static func addingSegments(_ profile: [UInt8], to data: Data) -> Data {
        let room = 65533 - 14
        let pieces = stride(from: 0, to: profile.count, by: room).map {
            profile[$0..<min($0 + room, profile.count)]
        }
        guard pieces.count <= 255 else { return data }
        let start = [UInt8](data.prefix(6))
        var position = 2
        if start.count == 6, start[2] == 0xFF, start[3] == 0xE0 {
            position += 2 + Int(start[4]) << 8 + Int(start[5])
        }
        var result = Data(data.prefix(position))
        for (index, piece) in pieces.enumerated() {
            let length = piece.count + 16
            result += Data([0xFF, 0xE2, UInt8(length >> 8), UInt8(length & 255)])
            result += Data(Array("ICC_PROFILE\0".utf8))
            result += Data([UInt8(index + 1), UInt8(pieces.count)] + piece)
        }
        return result + data.dropFirst(position)
    }

    /// The bytes in zlib's format, not compressed.
    ///
    /// Source: RFC 1950 and RFC 1951, 3.2.4.
    private static func storedZlib(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = [0x78, 0x01]
        let room = 65535
        for start in stride(from: 0, to: bytes.count, by: room) {
            let block = bytes[start..<min(start + room, bytes.count)]
            let length = UInt16(block.count)
            result.append(start + room >= bytes.count ? 1 : 0)
            for number in [length, ~length] {
                result += [UInt8(number & 255), UInt8(number >> 8)]
            }
            result += block
        }
        var (low, high): (UInt32, UInt32) = (1, 0)
        for byte in bytes {
            low = (low + UInt32(byte)) % 65521
            high = (high + low) % 65521
        }
        return result + bigEndian(high << 16 | low)
    }

    private static func bigEndian(_ value: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(value >> $0 & 255) }
    }

    /// Source: PNG (Third Edition), annex D.
    private static func crc32(_ bytes: [UInt8]) -> UInt32 {
        var value: UInt32 = 0xFFFF_FFFF
        for byte in bytes {
            value ^= UInt32(byte)
            for _ in 0..<8 { value = value & 1 == 1 ? 0xEDB8_8320 ^ value >> 1 : value >> 1 }
        }
        return ~value
    }
}
