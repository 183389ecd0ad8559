import Foundation
import VSRCore

/// A YUV4MPEG2 file of 8-bit 4:2:0 pictures, each of one gray level; read and written apart from the
/// library.
struct Y4M: Equatable {
    let size: FrameSize
    let levels: [UInt8]

    init(size: FrameSize, levels: [UInt8]) {
        self.size = size
        self.levels = levels
    }

    /// - Throws: `corruptData` where pictures are not of one level.
    init(_ data: Data) throws {
        let bytes = [UInt8](data)
        guard let end = bytes.firstIndex(of: 10) else { throw VSRError(.corruptData, "no header") }
        let words = String(decoding: bytes[..<end], as: UTF8.self).split(separator: " ")
        let sides = ["W", "H"].map { letter in
            words.first { $0.hasPrefix(letter) }.flatMap { Int($0.dropFirst()) } ?? 0
        }
        size = FrameSize(width: sides[0], height: sides[1])
        var levels: [UInt8] = []
        var offset = end + 1
        let colors = size.area / 2
        while offset < bytes.count {
            let start = offset + 6
            let picture = start + size.area
            guard words[0] == "YUV4MPEG2", words.contains("C420mpeg2"),
                picture + colors <= bytes.count,
                bytes[offset..<start].elementsEqual(Array("FRAME\n".utf8)),
                bytes[start..<picture].allSatisfy({ $0 == bytes[start] }),
                bytes[picture..<picture + colors].allSatisfy({ $0 == 128 })
            else { throw VSRError(.corruptData, "not pictures of one gray level") }
            levels.append(bytes[start])
            offset = picture + colors
        }
        self.levels = levels
    }

    var data: Data {
        var data = Data("YUV4MPEG2 W\(size.width) H\(size.height) F25:1 Ip A1:1 C420mpeg2\n".utf8)
        for level in levels {
            data += Data("FRAME\n".utf8) + Data(repeating: level, count: size.area)
            data += Data(repeating: 128, count: size.area / 2)
        }
        return data
    }
}
