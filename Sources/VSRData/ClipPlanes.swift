import Foundation
import VSRCore

/// Planes that belong to a training clip, such as flows, in a file that is mapped while it is read.
///
/// The file is `[frames, channels, height, width]` samples in the machine's order, and nothing else.
/// Only the pages that crops touch are in memory, and no file is held open between them.
public struct ClipPlanes<Sample: BitwiseCopyable & Sendable>: Sendable {
    /// Pictures in the file; 0 where a clip has none, which takes no file.
    public let frames: Int
    public let channels: Int
    public let size: FrameSize
    private let path: String

    /// - Throws: `notFound` without the file, `corruptData` where it is not as long as it must be.
    public init(_ path: String, frames: Int, channels: Int, size: FrameSize) throws {
        self.path = path
        self.frames = frames
        self.channels = channels
        self.size = size
        guard bytes > 0 else { return }
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        guard let found = (attributes?[.size] as? NSNumber)?.intValue else {
            throw VSRError(.notFound, "there is no file \(path): start again, and it is made anew")
        }
        guard found == bytes else { throw wrongLength(found) }
    }

    private var bytes: Int { frames * channels * size.area * MemoryLayout<Sample>.stride }

    private func wrongLength(_ found: Int) -> VSRError {
        VSRError(
            .corruptData,
            "\(path) has \(found) bytes instead of \(bytes): start again, and it is made anew")
    }

    /// Calls `body` with all samples.
    ///
    /// - Throws: `io` or `corruptData` where the file has gone or changed, and what `body` throws.
    func withSamples(_ body: (UnsafeBufferPointer<Sample>) throws -> Void) throws {
        let contents: Data
        do {
            contents = try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
        } catch {
            throw VSRError(
                .io, "cannot read \(path): start again, and it is made anew where it is gone",
                cause: error)
        }
        guard contents.count == bytes else { throw wrongLength(contents.count) }
        try contents.withUnsafeBytes { try body($0.bindMemory(to: Sample.self)) }
    }

    /// Copies one picture's crop, plane by plane, to `output` from `offset` on.
    ///
    /// - Parameters:
    ///   - samples: Those of ``withSamples(_:)``.
    ///   - source: The file's plane for each plane of the crop.
    ///   - convert: Gets a sample and the crop's plane.
    func crop(
        _ picture: Int, of samples: UnsafeBufferPointer<Sample>, planes source: [Int],
        _ walk: CropWalk, to output: UnsafeMutableBufferPointer<Float>, at offset: Int,
        _ convert: (Sample, Int) -> Float
    ) {
        for (plane, channel) in source.enumerated() {
            walk.copy(
                samples, from: (picture * channels + channel) * size.area, to: output,
                at: offset + plane * walk.patch.area
            ) { convert($0, plane) }
        }
    }
}
