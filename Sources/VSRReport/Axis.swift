import Foundation

/// Maps values to pixels along one side of a chart, with round numbers at its ticks.
struct Axis {
    let lower: Double
    let upper: Double
    let ticks: [Double]
    private let step: Double

    /// - Parameters:
    ///   - values: What must fit; values that are no numbers are ignored.
    ///   - range: Fixed ends, instead of those that the values need.
    ///   - targetTicks: About how many steps there shall be.
    init(values: [Double], range: Chart.Range? = nil, targetTicks: Int = 5) {
        let finite = values.filter(\.isFinite)
        var low = range?.lower ?? finite.min() ?? 0
        var high = range?.upper ?? finite.max() ?? 1
        if high <= low {
            let margin = max(abs(low) * 0.05, 0.5)
            low -= margin
            high += margin
        }
        let step = Axis.roundStep(atLeast: (high - low) / Double(targetTicks))
        // A small slack keeps 0.30000000000000004 from opening another step.
        let first = (low / step + 1e-6).rounded(.down)
        let last = (high / step - 1e-6).rounded(.up)
        lower = range == nil ? first * step : low
        upper = range == nil ? last * step : high
        let ends = (lower - step * 1e-6)...(upper + step * 1e-6)
        ticks = stride(from: first, through: last, by: 1).map { $0 * step }.filter(ends.contains)
        self.step = step
    }

    /// 0 at the axis' lower end, 1 at its upper.
    func fraction(_ value: Double) -> Double { (value - lower) / (upper - lower) }

    /// A tick's value with the decimals that its step needs.
    func label(_ value: Double) -> String {
        let decimals = max(0, Int((-log10(step) - 1e-9).rounded(.up)))
        if abs(value) >= 10_000 { return "\(Axis.decimal(value / 1000, 0))k" }
        return Axis.decimal(value, min(decimals, 6))
    }

    /// 1, 2 or 5 times a power of ten.
    static func roundStep(atLeast minimum: Double) -> Double {
        let power = pow(10, log10(minimum).rounded(.down))
        for factor in [1.0, 2, 5] where factor * power >= minimum * (1 - 1e-9) {
            return factor * power
        }
        return 10 * power
    }

    static func decimal(_ value: Double, _ digits: Int) -> String {
        String(format: "%.\(digits)f", value)
    }
}
