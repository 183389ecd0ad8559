import Foundation
import VSRCore
import VSRModel

/// What bf16 was measured to cost a model, as its metadata holds it.
public struct PrecisionRecord: Sendable, Codable, Equatable {
    /// The key of the model's metadata; the value is this record as JSON.
    public static let metadataKey = "slimvsr.bf16"

    /// The loss up to which `auto` takes bf16, in dB.
    public static let acceptedLoss = 0.01

    /// Raised whenever the bf16 kernels' arithmetic changes by more than the last bits of fp32, so
    /// that older records lapse.
    public static let currentKernelVersion = 1

    /// The data set on which it was measured, by name.
    public var dataSet: String
    /// How its low-resolution frames were made, `BI`; `nil` where the record does not say.
    public var degradation: String?
    /// The samples that were measured, `Y` or `RGB`.
    public var channels: String?
    /// How many frames were measured.
    public var frames: Int?
    /// The clips that were measured where some were asked for by name, else `nil`: all.
    public var clips: [String]?
    /// PSNR in fp32 minus PSNR in bf16, in dB.
    public var loss: Double
    public var kernelVersion: Int
    /// The fingerprint of the weights that were measured: pruned or trained on, they have another.
    public var weights: String

    public init(
        of model: Model, dataSet: String, degradation: String? = nil, channels: String? = nil,
        frames: Int? = nil, clips: [String]? = nil, loss: Double,
        kernelVersion: Int = PrecisionRecord.currentKernelVersion
    ) {
        weights = model.fingerprint
        self.dataSet = dataSet
        self.degradation = degradation
        self.channels = channels
        self.frames = frames
        self.clips = clips
        self.loss = loss
        self.kernelVersion = kernelVersion
    }

    /// The record of `model`; `nil` where it has none that can be read.
    public init?(_ model: Model) {
        guard let text = model.metadata[Self.metadataKey],
            let record = try? JSONDecoder().decode(Self.self, from: Data(text.utf8))
        else { return nil }
        self = record
    }

    /// Whether the record is of these weights and not of those that they came from.
    public func isOf(_ model: Model) -> Bool { weights == model.fingerprint }

    /// Whether ``UpscalerOptions/Precision/auto`` takes bf16 by this record, for its weights.
    public var isAccepted: Bool {
        kernelVersion == Self.currentKernelVersion && loss <= Self.acceptedLoss
    }

    /// The record as it stands in a model's metadata, keys sorted.
    ///
    /// - Throws: `invalidArgument` where the loss is not a finite number.
    public func metadataText() throws -> String {
        guard loss.isFinite else {
            throw VSRError(
                .invalidArgument,
                "a bf16 loss of \(loss) dB says nothing: measure on frames that the network does "
                    + "not reproduce exactly")
        }
        return try JSONText.text(self, .compact)
    }

    /// What a request comes down to for `model` on this processor.
    static func precision(
        _ requested: UpscalerOptions.Precision, for model: Model, hasBF16: Bool
    ) -> UpscalerOptions.Precision {
        guard hasBF16 else { return .fp32 }
        switch requested {
        case .fp32, .bf16: return requested
        case .auto:
            guard let record = PrecisionRecord(model), record.isAccepted, record.isOf(model) else {
                return .fp32
            }
            return .bf16
        }
    }
}
