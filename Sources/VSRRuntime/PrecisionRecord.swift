import Foundation
import VSRCore
import VSRModel

/// What bf16 was measured to cost a model, as its metadata holds it.
public struct PrecisionRecord: Sendable, Codable, Equatable {
    /// The key of the model's metadata; the value is this record as JSON.
    public static let metadataKey = "slimvsr.bf16"

    /// The loss up to which `auto` takes bf16, in dB.
    public static let acceptedLoss = 0.01

    /// Raised whenever the bf16 kernels' arithmetic changes, so that older records lapse.
    public static let currentKernelVersion = 1

    /// The data set on which it was measured.
    public var dataSet: String
    /// PSNR in fp32 minus PSNR in bf16, in dB.
    public var loss: Double
    public var kernelVersion: Int

    public init(
        dataSet: String, loss: Double, kernelVersion: Int = PrecisionRecord.currentKernelVersion
    ) {
        self.dataSet = dataSet
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

    /// What a request comes down to for `model` on this processor.
    static func precision(
        _ requested: UpscalerOptions.Precision, for model: Model, hasBF16: Bool
    ) -> UpscalerOptions.Precision {
        guard hasBF16 else { return .fp32 }
        switch requested {
        case .fp32, .bf16: return requested
        case .auto:
            guard let record = PrecisionRecord(model),
                record.kernelVersion == currentKernelVersion, record.loss <= acceptedLoss
            else { return .fp32 }
            return .bf16
        }
    }
}
