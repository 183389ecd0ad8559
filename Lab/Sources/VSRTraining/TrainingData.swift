import Foundation
import Torch
import VSRCore
import VSRData
import VSRImaging

extension DataSettings {
    /// Where batches come from: clips are decoded and degraded once, here.
    func sampler(
        of given: [ClipSource]?, scale: Int, seed: UInt64, environment: TrainingEnvironment
    ) throws -> BatchSampler {
        let method = try degradationMethod()
        var loading = LoadingOptions()
        loading.progress = environment.progress
        loading.cancellation = environment.cancellation
        let sources = try given ?? clipSources(seed: seed)
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

    private func clipSources(seed: UInt64) throws -> [ClipSource] {
        if let clips {
            return try ClipLayout.clips.clips(at: try expandingVariables(clips)).map(\.groundTruth)
        }
        let size = try sceneFrameSize()
        return (0..<scenes).map { index in
            ClipSource(name: "scene-\(index)") {
                let seed = SeededGenerator(seed: seed).fork(UInt64(index)).state
                let scene = try SyntheticScene(seed: seed, size: size, frameCount: sceneFrames)
                return try ClipSource.rendered(
                    name: "scene-\(index)", size: size, count: sceneFrames
                ) { scene.frame($0) }.open()
            }
        }
    }
}

/// `path` with `$NAME` at its start replaced by the environment variable's value.
///
/// - Throws: `notFound` naming the variable that is not set.
public func expandingVariables(_ path: String) throws -> String {
    guard path.hasPrefix("$") else { return path }
    let name = path.dropFirst().prefix { $0.isLetter || $0.isNumber || $0 == "_" }
    guard let value = ProcessInfo.processInfo.environment[String(name)] else {
        throw VSRError(
            .notFound, "\(path) needs the environment variable \(name), which is not set: export it"
        )
    }
    return value + path.dropFirst(1 + name.count)
}
