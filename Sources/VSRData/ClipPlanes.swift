import Foundation
import VSRCore

/// Planes that belong to a training clip, such as flows, in a file that is mapped, not read.
///
/// The file is `[frames, channels, height, width]` samples in the machine's order, and nothing else.
/// Only the pages that crops touch are in memory, and the system may drop them at any time.
public struct ClipPlanes<Sample: BitwiseCopyable & Sendable>: Sendable {
    /// Pictures in the file; 0 where a clip has none, which takes no file.
    public let frames: Int
    public let channels: Int
    public let size: FrameSize
    private let contents: Data

    /// - Throws: `notFound` without the file, `corruptData` where it is not as long as it must be.
    public init(mapping path: String, frames: Int, channels: Int, size: FrameSize) throws {
        self.frames = frames
        self.channels = channels
        self.size = size
        let bytes = frames * channels * size.area * MemoryLayout<Sample>.stride
        guard bytes > 0 else {
            contents = Data()
            return
        }
        do {
            contents = try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
        } catch {
            throw VSRError(.notFound, "cannot read \(path): it is made anew without", cause: error)
        }
        guard contents.count == bytes else {
            throw VSRError(
                .corruptData,
                "\(path) has \(contents.count) bytes instead of \(bytes): delete it, and it is made "
                    + "anew")
        }
    }

    /// Copies one picture's crop, plane by plane, to `output` from `offset` on.
    ///
    /// - Parameters:
    ///   - source: The file's plane for each plane of the crop.
    ///   - convert: Gets a sample and the crop's plane.
    func crop(
        _ picture: Int, planes source: [Int], _ walk: CropWalk,
        to output: UnsafeMutableBufferPointer<Float>, at offset: Int,
        _ convert: (Sample, Int) -> Float
    ) {
        contents.withUnsafeBytes { bytes in
            let samples = bytes.bindMemory(to: Sample.self)
            for (plane, channel) in source.enumerated() {
                walk.copy(
                    samples, from: (picture * channels + channel) * size.area, to: output,
                    at: offset + plane * walk.patch.area
                ) { convert($0, plane) }
            }
        }
    }
}
