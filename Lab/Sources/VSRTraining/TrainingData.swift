import Foundation
import Torch
import VSRCore
import VSRData
import VSRImaging
import VSRModel

extension DataSettings {
    /// Where batches come from: clips in memory where they fit, else clips decoded on demand.
    ///
    /// Batches are the same either way, bit for bit.
    ///
    /// - Parameter blueprint: The network's, which says on which sides of a sample frames are needed.
    /// - Throws: what is wrong with clips, list and exclusions; `cancelled`.
    func batches(
        of given: [ClipSource]?, for blueprint: Blueprint, seed: UInt64,
        environment: TrainingEnvironment
    ) throws -> any BatchSource {
        let scale = blueprint.scale
        let sources = try given ?? clipSources(seed: seed)
        let loading = loadingOptions(environment)
        let expected = try StreamedClips.expectedBytes(of: sources, scale: scale, options: loading)
        if expected <= memory.bytes {
            do {
                return try sampler(
                    of: sources, for: blueprint, seed: seed, environment: environment)
            } catch let error as VSRError where error.code == .outOfMemory {
                // Containers may claim too few frames, rendered clips claim none.
            }
        }
        try InvalidSetting.require(
            candidates == 1, "data.candidates", candidates,
            "1 for clips that do not fit into data.memory (\(memory)): these take about "
                + "\(MemorySize(bytes: expected)), for which data.memory may be raised")
        let method = try degradationMethod()
        let clips = try StreamedClips(sources, scale: scale, options: loading) {
            try method.degraded($0, scale: scale)
        }
        environment.note(
            "the clips would take \(MemorySize(bytes: clips.bytes)) of memory: they are decoded "
                + "while training goes on, within data.memory (\(memory))")
        return try StreamedSampler(clips, options: samplingOptions(for: blueprint, seed: seed))
    }

    /// Batches of clips that are decoded and degraded once, here, and kept in memory.
    ///
    /// - Throws: as ``batches(of:for:seed:environment:)``, `outOfMemory` beyond ``memory``.
    func sampler(
        of given: [ClipSource]?, for blueprint: Blueprint, seed: UInt64,
        environment: TrainingEnvironment
    ) throws -> BatchSampler {
        let scale = blueprint.scale
        let method = try degradationMethod()
        let sources = try given ?? clipSources(seed: seed)
        let clips = try TrainingClips(sources, scale: scale, options: loadingOptions(environment)) {
            try method.degraded($0, scale: scale)
        }
        return try BatchSampler(clips, options: samplingOptions(for: blueprint, seed: seed))
    }

    private func loadingOptions(_ environment: TrainingEnvironment) -> LoadingOptions {
        var loading = LoadingOptions()
        loading.memoryLimit = memory.bytes
        if threads > 0 { loading.threads = threads }
        loading.progress = environment.progress
        loading.cancellation = environment.cancellation
        return loading
    }

    private func samplingOptions(for blueprint: Blueprint, seed: UInt64) -> SamplingOptions {
        var options = SamplingOptions()
        options.seed = seed
        options.batchSize = batchSize
        options.frames = frames
        options.patch = FrameSize(width: patch, height: patch)
        options.candidates = candidates
        options.flips = flips
        options.rotations = rotations
        options.timeReversal = timeReversal
        options.mirrorsShortClips = true
        options.stillShare = stillShare
        options.framesBefore = blueprint.branches.contains { $0.isCausal } ? warmFrames : 0
        options.framesAfter = blueprint.branches.contains { !$0.isCausal } ? warmFrames : 0
        return options
    }

    /// The clips of the folder, or rendered scenes.
    func clipSources(seed: UInt64) throws -> [ClipSource] {
        if let clips {
            let selection = ClipSelection(
                list: try list.map(expandingVariables), excluded: exclude)
            return try DataSet(recognizingOrAll: try expandingVariables(clips)).clips(selection)
                .map(\.groundTruth)
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
