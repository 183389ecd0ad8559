import Foundation
import VSRCore

/// Reads a YUV4MPEG2 stream picture by picture.
final class Y4MReader {
    let header: Y4MHeader
    private let file: FileHandle

    /// - Throws: `corruptData` or `unsupported` where the header is none that is read.
    init(_ file: FileHandle) throws {
        self.file = file
        guard let line = try Self.line(of: file) else {
            throw VSRError(.corruptData, "the input is empty: hand it a Y4M stream")
        }
        header = try Y4MHeader(line)
    }

    /// Reads the next picture; false after the last.
    ///
    /// - Throws: `corruptData` where the stream ends within a picture.
    func read(into picture: PlanarPicture) throws -> Bool {
        guard let line = try Self.line(of: file) else { return false }
        guard line.hasPrefix("FRAME") else {
            throw VSRError(.corruptData, "a picture begins with \"\(line)\" instead of FRAME")
        }
        var count = 0
        while count < picture.bytes.count {
            guard let data = try file.read(upToCount: picture.bytes.count - count), !data.isEmpty
            else {
                throw VSRError(
                    .corruptData,
                    "the stream ends after \(count) of a picture's \(picture.bytes.count) bytes")
            }
            data.copyBytes(to: UnsafeMutableRawBufferPointer(rebasing: picture.bytes[count...]))
            count += data.count
        }
        return true
    }

    /// The bytes up to the next line feed, of at most a kilobyte; `nil` at the stream's end.
    private static func line(of file: FileHandle) throws -> String? {
        var bytes: [UInt8] = []
        while bytes.count < 1024 {
            guard let byte = try file.read(upToCount: 1)?.first else {
                return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
            }
            if byte == UInt8(ascii: "\n") { return String(decoding: bytes, as: UTF8.self) }
            bytes.append(byte)
        }
        throw VSRError(.corruptData, "the input has a line of more than 1024 bytes: it is no Y4M")
    }
}

/// Writes a YUV4MPEG2 stream.
final class Y4MWriter {
    private let file: FileHandle

    init(_ file: FileHandle) { self.file = file }

    func write(_ header: Y4MHeader) throws {
        try file.write(contentsOf: Data("\(header.line)\n".utf8))
    }

    func write(_ picture: PlanarPicture) throws {
        try file.write(contentsOf: Data("FRAME\n".utf8))
        guard let base = picture.bytes.baseAddress else { return }
        try file.write(
            contentsOf: Data(
                bytesNoCopy: base, count: picture.bytes.count, deallocator: .none))
    }
}
