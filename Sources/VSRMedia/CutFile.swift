import Foundation

/// Tells by a file's own structure that its end is missing, which demuxers do not.
enum CutFile {
    /// Whether the file ends before it should; false where its format does not tell.
    static func isCut(_ path: String) -> Bool {
        guard let handle = FileHandle(forReadingAtPath: path) else { return false }
        defer { try? handle.close() }
        guard let size = try? handle.seekToEnd(), size > 16 else { return false }
        func bytes(_ count: Int, at offset: UInt64) -> [UInt8] {
            guard offset <= size, (try? handle.seek(toOffset: offset)) != nil else { return [] }
            return [UInt8]((try? handle.read(upToCount: count)) ?? Data())
        }
        let start = bytes(16, at: 0)
        if start.starts(with: [0x1A, 0x45, 0xDF, 0xA3]) { return isMatroskaCut(size, bytes) }
        if start.starts(with: Array("RIFF".utf8)) { return isRIFFCut(size, bytes) }
        if start.starts(with: Array("FLV".utf8)) { return isFlashCut(size, bytes) }
        let kinds = ["ftyp", "moov", "mdat", "free", "skip", "wide", "styp", "moof"]
        if kinds.contains(where: { start.dropFirst(4).starts(with: Array($0.utf8)) }) {
            return areBoxesCut(size, bytes)
        }
        return isTransportCut(size, bytes)
    }

    private typealias Bytes = (_ count: Int, _ offset: UInt64) -> [UInt8]

    private static func number(_ bytes: some Sequence<UInt8>) -> UInt64 {
        bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }

    private static func isMatroskaCut(_ size: UInt64, _ bytes: Bytes) -> Bool {
        // Two elements: the header, and the segment that holds all else.
        var offset: UInt64 = 0
        for identifier: [UInt8] in [[0x1A, 0x45, 0xDF, 0xA3], [0x18, 0x53, 0x80, 0x67]] {
            let head = bytes(12, offset)
            guard head.count == 12, head.starts(with: identifier) else { return false }
            let length = head[4].leadingZeroBitCount + 1
            guard length <= 8 else { return false }
            let mask = UInt64(1) << UInt64(7 * length) - 1
            let value = number(head[4..<4 + length]) & mask
            // All ones: a stream whose length was not known when it began.
            guard value != mask, value < 1 << 60 else { return false }
            offset += 4 + UInt64(length) + value
        }
        return offset > size
    }

    private static func isRIFFCut(_ size: UInt64, _ bytes: Bytes) -> Bool {
        // Files beyond a gigabyte are several chunks, one after the other.
        var offset: UInt64 = 0
        while offset + 8 <= size {
            let head = bytes(8, offset)
            guard head.count == 8, head.starts(with: Array("RIFF".utf8)) else { return false }
            let length = number(head[4..<8].reversed())
            // Writers that were killed leave zero.
            guard length > 0 else { return true }
            offset += 8 + length + length % 2
        }
        return offset > size + 1
    }

    private static func areBoxesCut(_ size: UInt64, _ bytes: Bytes) -> Bool {
        var offset: UInt64 = 0
        var hasIndex = false
        for _ in 0..<1_000_000 {
            // The index is written last by most.
            if offset >= size { return offset > size || !hasIndex }
            let head = bytes(16, offset)
            guard head.count >= 8 else { return true }
            let kind = head[4..<8]
            hasIndex =
                hasIndex || kind.elementsEqual("moov".utf8) || kind.elementsEqual("moof".utf8)
            var length = number(head[0..<4])
            if length == 0 { return false }
            if length == 1 {
                guard head.count == 16 else { return true }
                length = number(head[8..<16])
            }
            guard length >= 8, length < 1 << 60 else { return false }
            offset += length
        }
        return false
    }

    private static func isFlashCut(_ size: UInt64, _ bytes: Bytes) -> Bool {
        let length = number(bytes(4, size - 4))
        guard length >= 11, length + 4 < size else { return true }
        let head = bytes(4, size - 4 - length)
        return head.count < 4 || number(head[1..<4]) + 11 != length
    }

    private static func isTransportCut(_ size: UInt64, _ bytes: Bytes) -> Bool {
        // Packets of 188 bytes, with a time before or a checksum after each in some files.
        for (length, first) in [(UInt64(188), UInt64(0)), (192, 4), (204, 0)] {
            let isPlain = (0..<4).allSatisfy { bytes(1, first + $0 * length) == [0x47] }
            if isPlain { return size % length != 0 }
        }
        return false
    }
}
