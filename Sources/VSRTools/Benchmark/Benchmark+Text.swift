import Foundation
import VSRCore

extension Benchmark.Outcome {
    /// The outcome for a terminal, at most 100 columns wide.
    public var text: String {
        let range = "\(number(milliseconds.lowerQuartile))…\(number(milliseconds.upperQuartile))"
        var lines = [
            "\(model), \(frameSize) ×\(scale), \(threads.counted("thread")), \(precision), "
                + instructionSet,
            "\(number(milliseconds.median)) ms per frame (median of \(milliseconds.count), middle "
                + "half \(range)), \(number(1000 / milliseconds.median)) frames per second",
            startUpText,
            "\(number(gigaMACsPerSecond)) GMAC/s, \(number(megapixelsPerSecond)) Mpixel/s",
        ]
        if let window {
            lines.insert(
                "timed by windows of \(window.length.counted("frame")) within one clip; branches "
                    + "backward in time run \(window.lookAhead.counted("frame")) further", at: 2)
        }
        if let guardCost {
            lines.append(
                String(
                    format: "the stability guard takes %.2f %% more time (medians, alternating)",
                    100 * (guardCost - 1)))
        }
        if let residentBytes, let peakResidentBytes {
            lines.append(
                "\(megabytes(residentBytes)) MB resident, \(megabytes(peakResidentBytes)) MB peak")
        }
        lines.append("\(machine.processor), \(machine.cores.counted("core"))")
        if !layers.isEmpty {
            var table = TextTable(["layer or step", "ms per frame", "share"])
            let total = layers.reduce(0) { $0 + $1.millisecondsPerFrame }
            for layer in layers {
                let share = 100 * layer.millisecondsPerFrame / max(total, .leastNormalMagnitude)
                table.add([
                    layer.name, String(format: "%.3f", layer.millisecondsPerFrame),
                    String(format: "%.1f %%", share),
                ])
            }
            lines += [""] + table.lines()
        }
        return lines.joined(separator: "\n")
    }

    private var startUpText: String {
        let read = startUp.read.map { "reading the file \(number($0)), " } ?? ""
        return "\(number(startUp.total)) ms to the first frame: \(read)packing weights "
            + "\(number(startUp.pack)), the frame \(number(startUp.firstFrame))"
    }

    private func number(_ value: Double) -> String { String(format: "%.2f", value) }

    private func megabytes(_ bytes: Int) -> String { String(format: "%.0f", Double(bytes) / 1e6) }
}
