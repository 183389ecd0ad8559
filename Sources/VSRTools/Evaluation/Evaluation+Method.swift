import Foundation
import VSRCore
import VSRData
import VSRImaging
import VSRRuntime

extension Evaluation {
    /// Evaluates a model or bicubic interpolation on a data set's folder.
    ///
    /// - Parameters:
    ///   - layout: `nil` for `vid4` where the folder has a `GT`, else `clips`.
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
        let clips = try (layout ?? Self.layout(of: folder))
            .clips(at: folder, ClipSelection(list: list, names: names))
        var outcome = try run(
            on: clips, method: method.name, upscaler: try method.upscaler(options: options),
            progress: progress, cancellation: cancellation)
        let published =
            usesPublishedFrames ? try publishedDegradation(clips, scale: method.scale) : nil
        if let warning = mismatch(of: method, published: published) {
            outcome.warnings.append(warning)
        }
        return outcome
    }

    static func layout(of folder: String) -> ClipLayout {
        var isFolder: ObjCBool = false
        let path = (folder as NSString).appendingPathComponent("GT")
        let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
        return exists && isFolder.boolValue ? .vid4 : .clips
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
            [title.joined(separator: ", ")] + table.lines() + TextWrap.lines(conventionsText)
            + ["\(time) ms per frame while evaluating, without reading and metrics"]
        return lines.joined(separator: "\n")
    }
}
