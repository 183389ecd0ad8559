import VSRCore
import VSRImaging
import VSRModel

extension UpscalingMethod {
    /// The degradation that the model was trained for, where its file says so.
    public var degradation: Degradation? {
        (model?.metadata[MetadataKey.degradation]).flatMap(Degradation.init(rawValue:))
    }
}

extension Evaluation {
    /// Takes `wanted`, or else the degradation that the model was trained for, or else bicubic.
    public mutating func chooseDegradation(_ wanted: Degradation?, for method: UpscalingMethod) {
        isModelsOwnDegradation = wanted == nil && method.degradation != nil
        degradation = wanted ?? method.degradation ?? .bicubic
    }

    /// A sentence if the frames that the model gets are not made as those of its training.
    ///
    /// - Parameter published: What made the data set's own low-resolution frames, if that is sure.
    func mismatch(of method: UpscalingMethod, published: Degradation?) -> String? {
        let used = usesPublishedFrames ? published ?? degradation : degradation
        guard let trained = method.model?.metadata[MetadataKey.degradation],
            trained != used.rawValue
        else { return nil }
        return "\(method.name) was trained for \(trained), not \(used.rawValue): expect a "
            + "loss of several decibels"
    }
}
