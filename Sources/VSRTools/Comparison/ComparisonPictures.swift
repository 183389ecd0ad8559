import Foundation
import VSRCore
import VSRImaging
import VSRMedia
import VSRReport

/// The pictures of a comparison's page: parts of few frames, and what differs in them.
struct ComparisonPictures {
    /// Pictures are at most that large; of larger frames the part that differs most is cut out.
    static let largest = FrameSize(width: 512, height: 288)
    /// How many times differences are enlarged.
    static let gain: Float = 8

    let comparison: VideoComparison
    let outcome: VideoComparison.Outcome

    /// Reads the videos again, up to the last frame that is shown.
    ///
    /// - Throws: What reading and encoding throw; `cancelled`.
    func comparisons(
        progress: ProgressHandler?, _ cancellation: Cancellation?
    ) throws -> [Report.ImageComparison] {
        let shown = outcome.shownFrames()
        let wanted = Dictionary(shown.map { ($0.index, $0) }) { first, _ in first }
        guard let last = wanted.keys.max() else { return [] }
        let sources = try comparison.open()
        let matcher = FrameMatcher(sources.map { ReadAhead($0) }, matching: outcome.matching)
        var found: [Int: Report.ImageComparison] = [:]
        for index in 0...last {
            try cancellation?.check()
            progress?(ProgressUpdate("cut out pictures", completed: index, total: last + 1))
            guard let match = try matcher.next() else { break }
            guard let frame = wanted[index] else { continue }
            let frames = try zip(match.pictures, outcome.sources).map {
                try VideoComparison.frame($0, scale: $1.enlarged)
            }
            found[index] = try pictures(of: frames, frame)
        }
        progress?(ProgressUpdate("cut out pictures", completed: last + 1, total: last + 1))
        return shown.compactMap { found[$0.index] }
    }

    private func pictures(of frames: [Frame], _ shown: ShownFrame) throws -> Report.ImageComparison
    {
        let part = Self.part(frames)
        let cut = try frames.map { try $0.cropped(to: part.size, x: part.x, y: part.y) }
        let gain = Int(Self.gain)
        var images = [("A", cut[0])]
        if cut.count > 2 {
            images.append(("reference", cut[2]))
            images.append(("A − reference, ×\(gain)", Self.difference(cut[0], cut[2])))
            images.append(("B − reference, ×\(gain)", Self.difference(cut[1], cut[2])))
        }
        images.append(("A − B, ×\(gain)", Self.difference(cut[0], cut[1])))
        images.append(("B", cut[1]))
        let isPart = part.size != frames[0].size
        let place = isPart ? "; \(part.size) of \(frames[0].size) at (\(part.x), \(part.y))" : ""
        let title = outcome.place(shown.index)
        return Report.ImageComparison(
            title: title.prefix(1).uppercased() + title.dropFirst() + ": \(shown.reason)\(place)",
            images: try images.map { try Self.image($0, $1) })
    }

    /// Differences, which are looked at and not measured, take less room as JPEG.
    private static func image(_ name: String, _ frame: Frame) throws -> Report.NamedImage {
        let isDifference = name.contains("−")
        var options = ImageOptions()
        options.quality = 90
        return Report.NamedImage(
            name: name, mediaType: isDifference ? "image/jpeg" : "image/png",
            data: try ImageFile.encode(
                frame, as: isDifference ? .jpeg : .png, options: options, name: name))
    }

    /// The difference of two frames around a middle gray, enlarged.
    static func difference(_ first: Frame, _ second: Frame) -> Frame {
        Frame(
            size: first.size,
            samples: zip(first.samples, second.samples).map {
                min(max(0.5 + gain * ($0 - $1), 0), 1)
            })
    }

    /// The part of the frames in which the first two differ most, on a grid of 16 pixels.
    static func part(_ frames: [Frame]) -> (size: FrameSize, x: Int, y: Int) {
        let whole = frames[0].size
        let size = FrameSize(
            width: min(whole.width, largest.width), height: min(whole.height, largest.height))
        guard size != whole else { return (whole, 0, 0) }
        let step = 16
        let (columns, rows) = ((whole.width + step - 1) / step, (whole.height + step - 1) / step)
        // Sums over all blocks above and left of each corner.
        var sums = [Double](repeating: 0, count: (columns + 1) * (rows + 1))
        for row in 0..<rows {
            var line = 0.0
            for column in 0..<columns {
                line += error(frames, column * step, row * step, step)
                sums[(row + 1) * (columns + 1) + column + 1] =
                    sums[row * (columns + 1) + column + 1] + line
            }
        }
        let (width, height) = (max(size.width / step, 1), max(size.height / step, 1))
        var best = (value: -1.0, x: 0, y: 0)
        for row in 0...max(rows - height, 0) {
            for column in 0...max(columns - width, 0) {
                let (bottom, right) = (min(row + height, rows), min(column + width, columns))
                let value =
                    sums[bottom * (columns + 1) + right] - sums[row * (columns + 1) + right]
                    - sums[bottom * (columns + 1) + column] + sums[row * (columns + 1) + column]
                if value > best.value { best = (value, column * step, row * step) }
            }
        }
        return (
            size, min(best.x, whole.width - size.width), min(best.y, whole.height - size.height)
        )
    }

    /// Squared differences of the green channel in a block.
    private static func error(_ frames: [Frame], _ x: Int, _ y: Int, _ step: Int) -> Double {
        let size = frames[0].size
        var sum: Float = 0
        for row in y..<min(y + step, size.height) {
            let start = (size.height + row) * size.width
            for index in start + x..<start + min(x + step, size.width) {
                let value = frames[0].samples[index] - frames[1].samples[index]
                sum += value * value
            }
        }
        return Double(sum)
    }
}
