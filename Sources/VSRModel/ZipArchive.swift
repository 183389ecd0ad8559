import VSRCore

/// The members of a ZIP file that are stored without compression, as PyTorch writes them.
///
/// Source: PKWARE APPNOTE 6.3, sections 4.3 and 4.5.3 (ZIP64).
struct ZipArchive {
    /// The first bytes of a ZIP file.
    static let magic: [UInt8] = [0x50, 0x4B, 0x03, 0x04]

    /// The bytes of each member within the file, by name.
    let members: [String: Range<Int>]

    private struct Directory {
        var offset: Int
        var size: Int
    }

    /// - Throws: `corruptData` or `unsupported` naming the file and the member.
    init(file: InputFile) throws {
        let directory = try Self.directory(of: file)
        var reader = ByteReader(
            try file.bytes(directory.offset..<directory.offset + directory.size), file.path)
        var members: [String: Range<Int>] = [:]
        while !reader.isAtEnd {
            let entry = try Self.entry(&reader)
            members[entry.name] = try Self.data(of: entry, file)
        }
        self.members = members
    }

    private static let endSize = 22
    private static let locatorSize = 20
    private static let greatestComment = 65_535
    /// Central directories of checkpoints take some 100 bytes for each tensor.
    private static let greatestDirectory = 16 << 20

    private static func directory(of file: InputFile) throws -> Directory {
        let tailStart = max(0, file.size - endSize - greatestComment)
        let tail = try file.bytes(tailStart..<file.size)
        let signature = [0x50, 0x4B, 0x05, 0x06] as [UInt8]
        guard tail.count >= endSize,
            let position = (0...tail.count - endSize).last(where: {
                tail[$0] == signature[0] && Array(tail[$0..<$0 + 4]) == signature
            })
        else {
            throw VSRError(
                .corruptData, "\(file.path) is a ZIP file without an end: it is truncated")
        }
        var reader = ByteReader(Array(tail[(position + 12)...]), file.path)
        var directory = Directory(offset: 0, size: try reader.integer(4))
        directory.offset = try reader.integer(4)
        if directory.offset == UInt32.max || directory.size == UInt32.max {
            directory = try wideDirectory(of: file, before: tailStart + position)
        }
        let (end, overflow) = directory.offset.addingReportingOverflow(directory.size)
        guard !overflow, end <= file.size, directory.size <= greatestDirectory else {
            throw VSRError(
                .corruptData, "the table of contents of \(file.path) lies outside the file")
        }
        return directory
    }

    /// ZIP64 keeps its own end record, found through a locator before the old one.
    private static func wideDirectory(of file: InputFile, before end: Int) throws -> Directory {
        var locator = ByteReader(
            try file.bytes(max(0, end - locatorSize)..<end), file.path)
        try locator.expect([0x50, 0x4B, 0x06, 0x07])
        try locator.skip(4)
        let offset = try locator.integer(8)
        let recordSize = 56
        guard offset <= file.size - recordSize else {
            throw VSRError(.corruptData, "the ZIP64 record of \(file.path) lies outside the file")
        }
        var record = ByteReader(try file.bytes(offset..<offset + recordSize), file.path)
        try record.expect([0x50, 0x4B, 0x06, 0x06])
        try record.skip(36)
        let size = try record.integer(8)
        return Directory(offset: try record.integer(8), size: size)
    }

    private struct Entry {
        var name: String
        var size: Int
        var headerOffset: Int
    }

    private static func entry(_ reader: inout ByteReader) throws -> Entry {
        try reader.expect([0x50, 0x4B, 0x01, 0x02])
        try reader.skip(4)
        let flags = try reader.integer(2)
        let method = try reader.integer(2)
        try reader.skip(8)
        let packedSize = try reader.integer(4)
        let size = try reader.integer(4)
        let nameLength = try reader.integer(2)
        let extraLength = try reader.integer(2)
        let commentLength = try reader.integer(2)
        try reader.skip(8)
        let headerOffset = try reader.integer(4)
        let name = String(decoding: try reader.bytes(nameLength), as: UTF8.self)
        var entry = Entry(name: name, size: size, headerOffset: headerOffset)
        try widen(&entry, packedSize, ByteReader(try reader.bytes(extraLength), reader.path))
        try reader.skip(commentLength)
        guard flags & 1 == 0, method == 0 else {
            throw VSRError(
                .unsupported,
                "member \(name) of \(reader.path) is compressed or encrypted, which no PyTorch "
                    + "checkpoint is")
        }
        return entry
    }

    /// ZIP64 moves what does not fit 32 bits into extra field 1.
    private static func widen(
        _ entry: inout Entry, _ packedSize: Int, _ extra: ByteReader
    ) throws {
        var extra = extra
        while extra.remaining >= 4 {
            let kind = try extra.integer(2)
            let body = try extra.bytes(try extra.integer(2))
            guard kind == 1 else { continue }
            var fields = ByteReader(body, extra.path)
            if entry.size == UInt32.max { entry.size = try fields.integer(8) }
            if packedSize == UInt32.max { try fields.skip(8) }
            if entry.headerOffset == UInt32.max { entry.headerOffset = try fields.integer(8) }
        }
    }

    private static func data(of entry: Entry, _ file: InputFile) throws -> Range<Int> {
        let headerSize = 30
        guard entry.headerOffset <= file.size - headerSize else {
            throw VSRError(
                .corruptData, "member \(entry.name) of \(file.path) lies outside the file")
        }
        var header = ByteReader(
            try file.bytes(entry.headerOffset..<entry.headerOffset + headerSize), file.path)
        try header.expect(magic)
        try header.skip(22)
        let nameLength = try header.integer(2)
        let start = entry.headerOffset + headerSize + nameLength + (try header.integer(2))
        let (end, overflow) = start.addingReportingOverflow(entry.size)
        guard !overflow, end <= file.size else {
            throw VSRError(
                .corruptData, "member \(entry.name) of \(file.path) reaches beyond the file")
        }
        return start..<end
    }
}
