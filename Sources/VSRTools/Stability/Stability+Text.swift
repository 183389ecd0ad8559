import Foundation
import VSRCore

extension Stability.Outcome {
    /// Frames whose figures the table shows, counted from 1: the first, some early ones, the last.
    private var shown: [Int] {
        [1, 30, 100, 300, 1000, 3000].filter { $0 < frames } + [frames]
    }

    /// The outcome for a terminal, at most 100 columns wide.
    public var text: String {
        var table = TextTable(
            ["clip"] + shown.map { "frame \($0)" } + ["worst", "worst 100", "change"])
        var norms = TextTable(["size of states"] + shown.map { "frame \($0)" } + ["largest"])
        for clip in clips {
            table.add(
                [clip.clip.rawValue] + shown.map { number(clip.psnr[$0 - 1]) }
                    + [number(clip.worst), number(clip.worstMean), number(clip.change.max() ?? 0)])
            norms.add(
                [clip.clip.rawValue] + shown.map { number(clip.stateNorm[$0 - 1], 3) }
                    + [number(clip.stateNorm.max() ?? 0, 3)])
        }
        let title = ["\(model), \(frameSize) ×\(scale)", precision, instructionSet]
        let conventions =
            "PSNR in dB on Y, frames rounded to 8 bits; \(degradation.explanation); noise "
            + "\(number(noise)) levels in still clips; seed \(seed); stability guard "
            + (isGuarded ? "on" : "off") + (clipWindow.map { "; clips: \($0)" } ?? "")
            + ". Worst 100: the lowest mean of 100 frames in a row. Change: the largest step between "
            + "frames, the true picture's own subtracted, in levels (root mean square); states' "
            + "sizes are root mean squares."
        return
            ([title.joined(separator: ", ")] + table.lines() + [""] + norms.lines()
            + TextWrap.lines(conventions)).joined(separator: "\n")
    }

    private func number(_ value: Double, _ digits: Int = 2) -> String {
        TextTable.decimal(value, digits)
    }
}
