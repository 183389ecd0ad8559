import VSRCompensation
import VSRCore
import VSRData
import VSRImaging
import VSRModel
import VSRPruning

/// Refits a network that was pruned, by least squares on a few clips, to what the network computes
/// that it was cut out of.
///
/// Which units are left, somebody else has chosen: sparsity-inducing regularization, for one, whose
/// weights are then what the solution stays near.
public struct CompensatedRefit: Sendable {
    public var options = CompensationOptions()
    public var clips = CalibrationClips()

    public init() {}

    /// What a network is calibrated on, read.
    public struct Calibration: Sendable {
        let clips: [CalibrationClip]
    }

    /// Reads windows of clips.
    ///
    /// - Parameters:
    ///   - scale: Output pixels per input pixel of the network.
    ///   - degradation: How its input is made, by name; bicubic where it is not known.
    /// - Throws: as ``CalibrationClips/load(_:scale:progress:cancellation:)``.
    public func calibration(
        on sources: [ClipSource], scale: Int, degradation: String?
    ) throws -> Calibration {
        var clips = clips
        clips.degradation = degradation.flatMap(Degradation.init(rawValue:)) ?? .bicubic
        return Calibration(
            clips: try clips.load(
                sources, scale: scale, progress: options.progress,
                cancellation: options.cancellation))
    }

    /// The same of the clips of a folder.
    public func calibration(
        on folder: String, scale: Int, degradation: String?
    ) throws -> Calibration {
        try calibration(
            on: ClipLayout.clips.clips(at: folder).map(\.groundTruth), scale: scale,
            degradation: degradation)
    }

    /// The refitted network; its history tells.
    ///
    /// - Parameters:
    ///   - slim: What is left of the dense network, its weights changed or not.
    ///   - selection: What was removed.
    /// - Throws: `unsupported` for other structures than the free one; `invalidArgument` where the
    ///   networks and the selection do not belong together.
    public func refitted(
        _ slim: Model, to dense: Model, without selection: PruningSelection,
        on calibration: Calibration
    ) throws -> Model {
        guard case .free(let removed) = selection else {
            throw VSRError(
                .unsupported,
                "only networks of a free structure are refitted: compress with "
                    + "selection.structure=free, or without compensation")
        }
        try removed.validate(for: dense.blueprint)
        let groups = dense.blueprint.unitGroups.map { group in
            (group, removed.kept(in: group, of: dense.blueprint.unitCount(of: group)))
        }
        var result = try slim.refitted(
            to: dense, keeping: Dictionary(groups, uniquingKeysWith: { first, _ in first }),
            on: calibration.clips, options: options)
        let step =
            "refitted to the dense network, without training: ridge \(options.ridge), "
            + "\(calibration.clips.count) clips of \(clips.frames) frames of \(clips.side)x\(clips.side)"
        result.metadata[MetadataKey.history] =
            [slim.metadata[MetadataKey.history], step].compactMap { $0 }.joined(separator: "; ")
        return result
    }
}
