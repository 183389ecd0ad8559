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
    private let colorProfile: [UInt8]?
    public let warnings: [String]
    private var count = 0
    private var isOpen = true

    /// Writes pictures of a source's depth, with its color profile.
    ///
    /// - Throws: `invalidArgument` if `path` exists and is not an empty folder.
    public convenience init(_ path: String, like source: VideoProperties) throws {
        try self.init(
            path, options: ImageOptions(like: source), colorProfile: source.colorProfile,
            warnings: ImageOptions.losses(source, path))
    }

    /// - Parameter colorProfile: An ICC profile for RGB that the frames' colors are in.
    /// - Throws: `invalidArgument` if `path` exists and is not an empty folder.
    public convenience init(
        _ path: String, options: ImageOptions = ImageOptions(), colorProfile: [UInt8]? = nil
    ) throws {
        try self.init(path, options: options, colorProfile: colorProfile, warnings: [])
    }

    private init(
        _ path: String, options: ImageOptions, colorProfile: [UInt8]?, warnings: [String]
    ) throws {
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
        self.colorProfile = colorProfile
        self.warnings = warnings
        pending = try PendingFile(path)
        do {
            try FileManager.default.createDirectory(
                atPath: pending.temporaryPath, withIntermediateDirectories: false)
        } catch {
            throw VSRError(.io, "cannot make the folder \(path)", cause: error)
        }
    }

    public var holdsAlpha: Bool { true }

    public func write(_ frame: TimedFrame) throws {
        guard isOpen else {
            throw VSRError(.invalidArgument, "\(path) is finished: no more frames can be added")
        }
        let digits = String(count)
        let name = String(repeating: "0", count: max(8 - digits.count, 0)) + digits + ".png"
        let data = try ImageFile.encode(
            frame.frame, as: .png, options: options, alpha: frame.alpha,
            colorProfile: colorProfile, name: path)
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
