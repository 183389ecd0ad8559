import Foundation
import Torch
import VSRCore
import VSRModel
import VSRNetworks

/// How far a pruned network's hidden states are from the dense network's, frame by frame.
///
/// Source: what the temporal finetuning of Xia et al., CVPR 2023, Sec. 3.2 (5), is to reduce.
public struct DriftReport: Codable, Equatable, Sendable {
    /// Mean `|ĥ − h|` over the network's channels, pixels, branches and clips; an entry for each frame.
    public var before: [Double]
    public var after: [Double]

    /// - Parameter clips: Low-resolution frames; each clip is run from its first frame.
    init(
        teacher: Teacher, channels: TeacherChannels, before: Model, after: Model, clips: [[Frame]],
        device: Device,
        convolutions: ConvolutionMethod
    ) throws {
        let networks = try [before, after].map { try BasicVSR($0, device: device) }
        let count = clips.map(\.count).min() ?? 0
        var sums = [[Double]](repeating: Array(repeating: 0, count: count), count: 2)
        try withoutGradients {
            for clip in clips {
                let tensor = try Self.tensor(clip.prefix(count), device)
                let expected = try teacher.target(of: tensor).states
                for (index, network) in networks.enumerated() {
                    let found = try network.assembled(convolutions: convolutions)
                        .hiddenStates(of: tensor)
                    for frame in 0..<count {
                        sums[index][frame] += try Self.distance(
                            found, expected, channels, at: frame)
                    }
                }
            }
        }
        let clipCount = Double(max(clips.count, 1))
        self.before = sums[0].map { $0 / clipCount }
        self.after = sums[1].map { $0 / clipCount }
    }

    /// In a sentence.
    public var summary: String {
        func mean(_ values: [Double]) -> Double {
            values.reduce(0, +) / Double(max(values.count, 1))
        }
        return String(
            format: "mean distance of hidden states from the teacher's: %.4f before, %.4f after",
            mean(before), mean(after))
    }

    private static func distance(
        _ states: [Blueprint.Branch: [Tensor]], _ teacher: [Blueprint.Branch: [Tensor]],
        _ channels: TeacherChannels, at frame: Int
    ) throws -> Double {
        let distances = try states.sorted { $0.key.rawValue < $1.key.rawValue }.map {
            branch, states in
            guard let other = teacher[branch] else { return 0.0 }
            return try Losses.meanAbsoluteDifference(
                states[frame], channels.selected(from: other[frame], branch)
            ).item()
        }
        return distances.reduce(0, +) / Double(max(distances.count, 1))
    }

    /// The clip as one tensor `[1, T, 3, H, W]`.
    private static func tensor(_ clip: some Collection<Frame>, _ device: Device) throws -> Tensor {
        guard let size = clip.first?.size else { return try Tensor.zeros([1, 0, 3, 1, 1]) }
        return try Tensor(
            clip.flatMap(\.samples), shape: [1, clip.count, 3, size.height, size.width],
            device: device)
    }
}
