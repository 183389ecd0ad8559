import Foundation

/// How long one layer or step took in all.
public struct LayerTiming: Sendable, Equatable {
    /// The layer's name, or what the step does: `warp`, `upsampler`.
    public var name: String
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
        _ name: @autoclosure () -> String, _ body: () throws -> Result
    ) rethrows -> Result {
        guard isEnabled else { return try body() }
        let start = DispatchTime.now().uptimeNanoseconds
        let result = try body()
        record(name(), nanoseconds: DispatchTime.now().uptimeNanoseconds - start)
        return result
    }

    private func record(_ name: String, nanoseconds: UInt64) {
        let position = positions[name] ?? timings.count
        if position == timings.count {
            positions[name] = position
            timings.append(LayerTiming(name: name, calls: 0, seconds: 0))
        }
        timings[position].calls += 1
        timings[position].seconds += Double(nanoseconds) * 1e-9
    }
}
