import Foundation
import Torch
import VSRCore
import VSRData
import VSRImaging
import VSRMedia

extension DataSettings {
    /// Where batches come from: clips are decoded and degraded once, here.
    func sampler(
        scale: Int, seed: UInt64, progress: ProgressHandler?, cancellation: Cancellation?
    ) throws -> BatchSampler {
        let method = try degradationMethod()
        var loading = LoadingOptions()
        loading.progress = progress
        loading.cancellation = cancellation
        let sources = try clipSources(seed: seed)
        let clips = try TrainingClips(sources, scale: scale, options: loading) {
            try method.degraded($0, scale: scale)
        }
        var options = SamplingOptions()
        options.seed = seed
        options.batchSize = batchSize
        options.frames = frames
        options.patch = FrameSize(width: patch, height: patch)
        options.flips = flips
        options.rotations = rotations
        options.timeReversal = timeReversal
        options.mirrorsShortClips = true
        return try BatchSampler(clips, options: options)
    }

    func degradationMethod() throws -> Degradation {
        guard let method = Degradation(rawValue: degradation) else {
            let known = Degradation.allCases.map(\.rawValue).joined(separator: ", ")
            throw VSRError(
                .invalidArgument, "data.degradation must be one of \(known), not \(degradation)")
        }
        return method
    }

    private func clipSources(seed: UInt64) throws -> [ClipSource] {
        if let clips {
            return try ClipLayout.clips.clips(at: try expandingVariables(clips)).map(\.groundTruth)
        }
        throw VSRError(.invalidArgument, "data.clips must name a folder of clips")
    }
}

/// `path` with `$NAME` at its start replaced by the environment variable's value.
///
/// - Throws: `notFound` naming the variable that is not set.
func expandingVariables(_ path: String) throws -> String {
    guard path.hasPrefix("$") else { return path }
    let name = path.dropFirst().prefix { $0.isLetter || $0.isNumber || $0 == "_" }
    guard let value = ProcessInfo.processInfo.environment[String(name)] else {
        throw VSRError(
            .notFound, "\(path) needs the environment variable \(name), which is not set: export it"
        )
    }
    return value + path.dropFirst(1 + name.count)
}
