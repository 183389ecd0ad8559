import Foundation
import VSRModel

/// How long one layer or step took in all.
public struct LayerTiming: Sendable, Equatable {
    /// What an executor does to a frame.
    public enum Step: Sendable, Hashable {
        case flow, warp
        case trunk(Blueprint.Branch)
        case upsampler
    }

    /// The layer's name, or what the step does: `warp`, `upsampler`.
    public var name: String
    /// The step that it is, or is part of.
    public var step: Step
    /// The layer, where it is a single one.
    public var layer: Layer.Role?
    public var calls: Int
    public var seconds: Double
}

/// Adds up times per step; does nothing unless enabled.
final class LayerClock {
    let isEnabled: Bool
    private(set) var timings: [LayerTiming] = []
    private var positions: [String: Int] = [:]

    init(isEnabled: Bool) { self.isEnabled = isEnabled }

    func reset() {
        timings = []
        positions = [:]
    }

    @inline(__always)
    func measure<Result>(
        _ name: @autoclosure () -> String, of step: LayerTiming.Step,
        layer: Layer.Role? = nil, _ body: () throws -> Result
    ) rethrows -> Result {
        guard isEnabled else { return try body() }
        let start = DispatchTime.now().uptimeNanoseconds
        let result = try body()
        record(name(), step, layer, nanoseconds: DispatchTime.now().uptimeNanoseconds - start)
        return result
    }

    private func record(
        _ name: String, _ step: LayerTiming.Step, _ layer: Layer.Role?, nanoseconds: UInt64
    ) {
        let position = positions[name] ?? timings.count
        if position == timings.count {
            positions[name] = position
            timings.append(LayerTiming(name: name, step: step, layer: layer, calls: 0, seconds: 0))
        }
        timings[position].calls += 1
        timings[position].seconds += Double(nanoseconds) * 1e-9
    }
}
