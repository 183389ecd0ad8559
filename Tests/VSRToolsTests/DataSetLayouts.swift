import Foundation
import VSRTestSupport

/// A data set of originals and BI frames, `GT/<clip>` and `BIx4/<clip>`, put into other layouts by
/// links.
enum DataSetLayouts {
    /// Where a clip's originals and low-resolution frames go; `%` stands for the clip.
    static let all: [(name: String, high: String, low: String)] = [
        ("mmagic", "GT/%", "BIx4/%"), ("one folder further in", "Vid4/GT/%", "Vid4/BIx4/%"),
        ("HR and LR", "HR/%", "LR/%"),
        ("REDS", "train_sharp/%", "train_sharp_bicubic/X4/%"),
        ("REDS without X4", "train_sharp/%", "train_sharp_bicubic/%"),
        ("archives of REDS", "train/train_sharp/%", "train/train_sharp_bicubic/X4/%"),
        ("SPMCS", "%/truth", "%/input4"), ("plain clips", "%", ""),
    ]

    static func link(
        _ clips: [String], from source: String, _ layout: (name: String, high: String, low: String)
    ) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        for clip in clips {
            for (kind, pattern) in [("GT", layout.high), ("BIx4", layout.low)]
            where !pattern.isEmpty {
                let target = folder.url.appendingPathComponent(
                    pattern.replacingOccurrences(of: "%", with: clip))
                try FileManager.default.createDirectory(
                    at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
                try FileManager.default.createSymbolicLink(
                    atPath: target.path, withDestinationPath: "\(source)/\(kind)/\(clip)")
            }
        }
        return folder
    }
}
