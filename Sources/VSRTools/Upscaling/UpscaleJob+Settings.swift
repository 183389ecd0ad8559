import Foundation
import VSRCore
import VSRMedia

extension UpscaleJob {
    /// All that decides on the output's frames, by names for people.
    func settings() throws -> [String: String] {
        var settings = methodSettings
        settings["input"] = try InputFingerprint(input).text
        var encoding = encoding
        // What does not change a frame.
        encoding.refusesLosses = false
        settings["encoding"] = try JSONText.text(encoding, .compact)
        // Encoders divide their work, and with it what they decide, by the processor's cores.
        if encoding.threads == 0 {
            settings["number of cores"] = "\(ProcessInfo.processInfo.activeProcessorCount)"
        }
        settings["part length"] = "\(partLength)"
        settings["libav"] = LibraryVersions.text
        if let frameLimit { settings["--frames"] = "\(frameLimit)" }
        settings["--damage"] = damage.rawValue
        switch size {
        case .scale(let scale)?: settings["--scale"] = "\(scale)"
        case .height(let height)?: settings["--height"] = "\(height)"
        case nil: break
        }
        settings["--deinterlace"] = deinterlacing.rawValue
        settings["--scene-cuts"] = cutsScenes ? "auto" : "off"
        return settings
    }
}

/// What tells one input from another: its length and samples of its content, of folders their files'
/// names too.
///
/// 64 pieces of 64 KiB are looked at: all of a file up to 4 MiB, of a longer one enough to tell other
/// videos, cuts and encodings, not a change of some bytes. Of pictures in folders it is the first 4 KiB.
struct InputFingerprint {
    let text: String

    private static let piece = 65536
    private static let pieces = 64

    /// - Throws: `io` if it cannot be read.
    init(_ path: String) throws {
        var isFolder: ObjCBool = false
        var hash = WordHash()
        if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue
        {
            let names = try FolderListing.entries(of: path).filter(ImageFile.isImage)
            for name in names {
                hash.add(name)
                try Self.add("\(path)/\(name)", to: &hash, pieces: 1, of: 4096)
            }
            text = "\(names.count) pictures, \(hash.digits)"
        } else {
            let count = try Self.add(path, to: &hash, pieces: Self.pieces, of: Self.piece)
            text = "\(count) bytes, \(hash.digits)"
        }
    }

    @discardableResult
    private static func add(
        _ path: String, to hash: inout WordHash, pieces: Int, of piece: Int
    ) throws -> Int {
        do {
            let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            defer { try? file.close() }
            let count = Int(try file.seekToEnd())
            hash.add(UInt64(count))
            let step = max((count - piece) / max(pieces - 1, 1), piece)
            var offset = 0
            for _ in 0..<pieces where offset < count {
                try file.seek(toOffset: UInt64(offset))
                for byte in try file.read(upToCount: piece) ?? Data() { hash.add(UInt64(byte)) }
                offset += step
            }
            return count
        } catch {
            throw VSRError(.io, "cannot read \(path)", cause: error)
        }
    }
}
