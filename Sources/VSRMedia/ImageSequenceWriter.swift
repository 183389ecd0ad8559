import Foundation
import VSRCore

/// Writes frames as a folder of PNG pictures `00000000.png`, `00000001.png`, …, which appears when
/// it is complete.
///
/// Timestamps are not kept: a folder has no place for them.
public final class ImageSequenceWriter: FrameSink {
    private let path: String
    private let pending: PendingFile
    private let options: ImageOptions
    private var count = 0
    private var isOpen = true

    /// - Throws: `invalidArgument` if `path` exists and is not an empty folder.
    public init(_ path: String, options: ImageOptions = ImageOptions()) throws {
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) {
            let isEmpty = try isFolder.boolValue && FolderListing.entries(of: path).isEmpty
            guard isEmpty else {
                throw VSRError(
                    .invalidArgument,
                    "\(path) exists and is not an empty folder: remove it or choose another name")
            }
        }
        self.path = path
        self.options = options
        pending = try PendingFile(path)
        do {
            try FileManager.default.createDirectory(
                atPath: pending.temporaryPath, withIntermediateDirectories: false)
        } catch {
            throw VSRError(.io, "cannot make the folder \(path)", cause: error)
        }
    }

    public func write(_ frame: TimedFrame) throws {
        guard isOpen else {
            throw VSRError(.invalidArgument, "\(path) is finished: no more frames can be added")
        }
        let digits = String(count)
        let name = String(repeating: "0", count: max(8 - digits.count, 0)) + digits + ".png"
        let data = try ImageFile.encode(frame.frame, as: .png, options: options, name: path)
        do {
            let url = URL(fileURLWithPath: pending.temporaryPath).appendingPathComponent(name)
            try data.write(to: url)
        } catch {
            throw VSRError(
                .io, "cannot write \(path)/\(name): the disk may be full", cause: error)
        }
        count += 1
    }

    public func finish() throws {
        guard isOpen else { return }
        isOpen = false
        try pending.commit()
    }

    public func cancel() {
        isOpen = false
        pending.discard()
    }
}
