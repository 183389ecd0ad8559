import Foundation
import VSRCore
import VSRData
import VSRImaging
import VSRRuntime

extension Evaluation {
    /// Evaluates a model or bicubic interpolation on a data set's folder.
    ///
    /// - Parameters:
    ///   - layout: What `DataSet` recognizes if left out.
    ///   - names: Only these clips; `nil` for all.
    ///   - list: A file that lists the clips, see `ClipList`; `nil` for all.
    ///   - window: How a bidirectional network takes clips; published figures are those of whole
    ///     ones.
    ///   - options: All but the window, which is `window`.
    public func run(
        _ method: UpscalingMethod, on folder: String, layout: ClipLayout? = nil,
        names: [String]? = nil, list: String? = nil, window: ClipWindow = .whole,
        options: UpscalerOptions = UpscalerOptions(), progress: ProgressHandler? = nil,
        cancellation: Cancellation? = nil
    ) throws -> Outcome {
        var options = options
        options.window = window
        // A window's pass is short, and would take the estimate of the whole clip's time away.
        options.progress = window == .whole ? progress : nil
        let set = try dataSet(at: folder, layout: layout)
        let selection =
            try benchmark?.selection(in: set, list: list) ?? ClipSelection(list: list, names: names)
        let clips = try set.clips(
            selection, lowResolution: try lowResolution(of: set, scale: method.scale))
        var outcome = try run(
            on: clips, method: method.name, upscaler: try method.upscaler(options: options),
            progress: progress, cancellation: cancellation)
        let published =
            usesPublishedFrames ? try publishedDegradation(clips, scale: method.scale) : nil
        if let warning = mismatch(of: method, published: published) {
            outcome.warnings.append(warning)
        }
        outcome.dataSet = set.sentence
        outcome.benchmark = benchmark
        if let benchmark {
            outcome.warnings += benchmark.differences(try counted(outcome.clips, clips))
        }
        return outcome
    }

    /// Names and lengths of the clips; where only their middle frames are measured, the lengths are
    /// looked up.
    private func counted(
        _ measured: [ClipMetrics.Clip], _ clips: [ClipPair]
    ) throws -> [(name: String, frames: Int)] {
        guard measuresMiddleOnly else { return measured.map { ($0.name, $0.frameCount) } }
        return try clips.map { ($0.name, try $0.groundTruth.countFrames()) }
    }

    private func dataSet(at folder: String, layout: ClipLayout?) throws -> DataSet {
        guard let layout else { return try DataSet(recognizing: folder) }
        return try DataSet(at: folder, layout: layout)
    }

    /// The published frames; where none are asked for, those that the degradation is held against.
    private func lowResolution(of set: DataSet, scale: Int) throws -> LowResolutionFrames? {
        if let lowResolutionName {
            let frames = try set.lowResolution(
                named: lowResolutionName, for: degradation, scale: scale)
            return frames
        }
        let own = Result {
            try set.lowResolution(named: nil, for: degradation, scale: scale)
        }
        return usesPublishedFrames && set.layout != .clips ? try own.get() : try? own.get()
    }
}

extension Evaluation.Outcome {
    /// A table of the clips and the conventions, for a terminal.
    public var text: String {
        var table = TextTable(["clip", "frames", "PSNR dB", "SSIM"])
        func row(_ name: String, _ count: Int, _ figures: QualityFigures) {
            table.add([
                name, String(count), String(format: "%.3f", figures.psnr),
                String(format: "%.4f", figures.ssim),
            ])
        }
        for clip in clips { row(clip.name, clip.frameCount, clip.figures) }
        table.addRule()
        row("mean of clips", frameCount, mean)
        let time = String(format: "%.1f", millisecondsPerFrame)
        let title = ["\(method), ×\(scale)", precision, instructionSet].compactMap { $0 }
        let lines =
            [title.joined(separator: ", ")] + table.lines() + benchmarkLines
            + (dataSet.map { TextWrap.lines($0) } ?? []) + TextWrap.lines(conventionsText)
            + ["\(time) ms per frame while evaluating, without reading and metrics"]
        return lines.joined(separator: "\n")
    }

    /// What was measured as published.
    private var benchmarkLines: [String] {
        guard let benchmark else { return [] }
        return benchmark.table(degradation).flatMap { row in
            zip(
                [row[0]] + Array(repeating: "", count: 8),
                TextWrap.lines(row[1], columns: 84, indent: "")
            ).map { $0.padding(toLength: 16, withPad: " ", startingAt: 0) + $1 }
        }
    }
}
