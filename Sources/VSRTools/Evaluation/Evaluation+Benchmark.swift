import VSRData
import VSRImaging

extension Evaluation {
    /// Measures as papers do on this test set.
    ///
    /// - Parameter wanted: A degradation of the set's; its usual one if left out, or the method's own
    ///   where figures are published for that.
    public mutating func adopt(
        _ preset: BenchmarkPreset, degradation wanted: Degradation?, for method: UpscalingMethod
    ) {
        benchmark = preset
        conventions = MetricConventions(channels: preset.channels)
        measuresMiddleOnly = preset.measuresMiddleOnly
        mirrorsClips = preset.mirrorsClips
        let own = method.degradation.flatMap { preset.degradations.contains($0) ? $0 : nil }
        isModelsOwnDegradation = wanted == nil && own != nil
        degradation = wanted ?? own ?? preset.degradations[0]
    }
}
