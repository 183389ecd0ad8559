import Foundation
import VSRCore
import VSRImaging
import VSRMedia

extension VideoComparison {
    /// Figures of all frames, and what became of those without a partner.
    public struct Outcome: Sendable, Codable, Equatable {
        public var sources: [Source]
        public var matching = FrameMatching.order
        /// A against B, or A and B each against the reference.
        public var pairs: [Pair]
        /// Seconds since the first frame, or frames' numbers where these are matched by order.
        public var times: [Double] = []
        /// Numbers of the frames in each source, from 0.
        public var numbers: [[Int]] = []
        public var conventions: String
        /// What was dropped, enlarged or not measured, a sentence each.
        public var notes: [String] = []

        /// Frames that were compared.
        public var frameCount: Int { times.count }
    }

    /// One of what is compared.
    public struct Source: Sendable, Codable, Equatable {
        /// `A`, `B` or `reference`.
        public var label: String
        public var path: String
        public var size: String
        /// Per second; `nil` for pictures.
        public var frameRate: Double?
        /// Frames without a partner.
        public var dropped = 0
        /// How many times it is enlarged.
        public var enlarged: Int
    }

    /// Figures of one against another.
    public struct Pair: Sendable, Codable, Equatable {
        /// `A against B`.
        public var name: String
        public var frames: [FrameFigures] = []
        public var psnr: FigureStatistics?
        public var psnrRGB: FigureStatistics?
        public var ssim: FigureStatistics?
        public var vmaf: FigureStatistics?
        /// VMAF of each frame, where it was measured.
        public var vmafFrames: [Double]?
        /// Decibels of the mean squared error of all frames, on brightness and on RGB.
        public var pooledPSNR: Double?
        public var pooledPSNRRGB: Double?
        /// Frames that are equal on RGB.
        public var equalFrames = 0
    }
}

extension VideoComparison.Outcome {
    init(_ comparison: VideoComparison, _ inputs: [any FrameSource], _ scales: [Int]) {
        let labels = ["A", "B", "reference"]
        sources = inputs.indices.map { index in
            let properties = inputs[index].properties
            return VideoComparison.Source(
                label: labels[index], path: comparison.paths[index],
                size: properties.size.description,
                frameRate: properties.path == nil ? nil : properties.frameRate?.value,
                enlarged: scales[index])
        }
        let names =
            comparison.reference == nil
            ? ["A against B"] : ["A against reference", "B against reference"]
        pairs = names.map { VideoComparison.Pair(name: $0) }
        conventions =
            "PSNR and SSIM \(MetricConventions()); PSNR on RGB: one mean over all channels"
        for source in sources where source.enlarged > 1 {
            notes.append(
                "\(source.label) is \(source.size) and was enlarged ×\(source.enlarged) by bicubic "
                    + "interpolation")
        }
    }

    /// Works out what depends on all frames.
    mutating func finish(dropped: [Int], tolerance: Double, isLimited: Bool) {
        for index in sources.indices { sources[index].dropped = dropped[index] }
        for index in pairs.indices { pairs[index].summarize() }
        let rates = sources.compactMap(\.frameRate)
        let low = rates.min() ?? 1
        let differ = (rates.max() ?? 1) > low * 1.001
        if matching == .time, differ {
            let texts = sources.map { source in
                "\(source.label) \(source.frameRate.map { TextTable.decimal($0, 3) } ?? "?")"
            }
            notes.append(
                "frame rates differ (\(texts.joined(separator: ", "))): frames shown at most "
                    + "\(TextTable.decimal(tolerance * 1000, 1)) ms apart were compared")
        }
        for source in sources where source.dropped > 0 {
            let way =
                matching == .time
                ? "no other frame is shown at their time; --match order goes by their numbers"
                : "the others have fewer"
            notes.append(
                "\(source.dropped.counted("frame")) of \(source.label) left out: \(way)")
        }
        if isLimited { notes.append("only the first \(frameCount.counted("frame")) were compared") }
        for pair in pairs where pair.equalFrames > 0 {
            notes.append(
                "\(pair.name): \(pair.equalFrames.counted("frame")) equal, with an infinite PSNR")
        }
    }
}

extension VideoComparison.Pair {
    fileprivate mutating func summarize() {
        psnr = FigureStatistics(frames.map(\.psnr))
        psnrRGB = FigureStatistics(frames.map(\.psnrRGB))
        ssim = FigureStatistics(frames.map(\.ssim))
        pooledPSNR = Self.pooled(frames.map(\.psnr))
        pooledPSNRRGB = Self.pooled(frames.map(\.psnrRGB))
        equalFrames = frames.count { $0.psnrRGB == .infinity }
    }

    /// Decibels of the mean of the squared errors behind the given decibels.
    private static func pooled(_ values: [Double]) -> Double {
        let errors = values.map { pow(10, -$0 / 10) }
        return -10 * log10(errors.reduce(0, +) / Double(errors.count))
    }
}

extension VideoComparison.Outcome {
    /// A table and what to know, for a terminal of 100 columns.
    public var text: String {
        var table = TextTable(
            ["", "mean", "minimum", "1 %", "5 %", "median", "95 %", "pooled"])
        for pair in pairs {
            table.add([pair.name])
            func row(_ name: String, _ values: FigureStatistics?, _ digits: Int, _ pooled: Double?)
            {
                guard let values else { return }
                let all = [
                    values.mean, values.minimum, values.percentile1, values.percentile5,
                    values.median, values.percentile95,
                ]
                table.add(
                    ["  " + name] + all.map { Self.number($0, digits) }
                        + [pooled.map { Self.number($0, digits) } ?? ""])
            }
            row("PSNR Y, dB", pair.psnr, 3, pair.pooledPSNR)
            row("PSNR RGB, dB", pair.psnrRGB, 3, pair.pooledPSNRRGB)
            row("SSIM Y", pair.ssim, 4, nil)
            row("VMAF", pair.vmaf, 2, nil)
        }
        let heads = sources.flatMap { source -> [String] in
            let rate = source.frameRate.map { ", \(TextTable.decimal($0, 3)) per second" } ?? ""
            return TextWrap.lines("\(source.label): \(source.path), \(source.size)\(rate)")
        }
        let count = "\(frameCount.counted("frame")) compared by \(matching.rawValue)"
        return
            (heads + table.lines() + [count] + notes.flatMap { TextWrap.lines("note: \($0)") }
            + TextWrap.lines(conventions)).joined(separator: "\n")
    }

    static func number(_ value: Double, _ digits: Int) -> String {
        value.isFinite ? TextTable.decimal(value, digits) : (value > 0 ? "inf" : "–")
    }
}
