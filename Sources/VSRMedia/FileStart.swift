import Foundation
import VSRCore

/// What the first bytes of a file tell about it.
struct FileStart {
    private let bytes: [UInt8]

    /// - Throws: `io` if the file cannot be read.
    init(_ path: String) throws {
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw VSRError(.io, "cannot read \(path): check that it is a file you may read")
        }
        defer { try? handle.close() }
        do {
            bytes = [UInt8](try handle.read(upToCount: 512) ?? Data())
        } catch {
            throw VSRError(
                .io, "cannot read \(path): check that it is a file you may read", cause: error)
        }
    }

    /// Whether it begins as a PNG or JPEG picture does.
    var isPicture: Bool {
        has([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) || has([0xFF, 0xD8, 0xFF])
    }

    /// What the file is, if it is surely neither a video nor a picture that can be read.
    ///
    /// - Parameter hasImageName: Whether the file is named as a PNG or JPEG picture.
    func refusal(hasImageName: Bool) -> String? {
        if bytes.isEmpty { return "an empty file" }
        if isText { return "a text file" }
        for (offset, mark, name) in Self.marks where has(Array(mark.utf8), at: offset) {
            return name
        }
        if has([0xFF, 0xFB]) || has([0xFF, 0xF3]) || has([0xFF, 0xF1]) { return "sound only" }
        return hasImageName ? "neither a PNG nor a JPEG picture, whatever its name says" : nil
    }

    /// Marks of kinds of files, where they are, and what the kinds are called.
    private static let marks: [(offset: Int, mark: String, name: String)] = [
        (8, "WEBP", "a WebP picture, which is not read"),
        (8, "WAVE", "sound only (WAV)"), (0, "ID3", "sound only (MP3)"),
        (0, "fLaC", "sound only (FLAC)"), (8, "M4A ", "sound only (M4A)"),
        (4, "ftypheic", "a HEIC picture, which is not read"),
        (4, "ftypmif1", "a HEIC picture, which is not read"),
        (4, "ftypavif", "an AVIF picture, which is not read"),
        (0, "II*\0", "a TIFF picture, which is not read"),
        (0, "MM\0*", "a TIFF picture, which is not read"),
        (0, "BM", "a BMP picture, which is not read"), (0, "%PDF", "a PDF document"),
        (0, "PK\u{3}\u{4}", "a ZIP archive or a PyTorch checkpoint"),
    ]

    /// Whether it looks like text; the formats of raw video that begin with words are left to the
    /// reader.
    private var isText: Bool {
        guard !has(Array("YUV4MPEG2".utf8)), !has(Array("GIF8".utf8)) else { return false }
        // The last character may be cut in the middle.
        let text = String(decoding: bytes.prefix(500), as: UTF8.self)
        let isControl = bytes.contains { $0 < 32 && ![9, 10, 12, 13].contains($0) }
        return !isControl && !text.dropLast().unicodeScalars.contains("\u{FFFD}")
    }

    private func has(_ mark: [UInt8], at offset: Int = 0) -> Bool {
        bytes.dropFirst(offset).starts(with: mark)
    }
}
