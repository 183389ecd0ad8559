import VSRCore
import VSRImaging
import VSRMedia
import VSRModel
import VSRReport
import VSRRuntime

// The paper's Fig. 3.
extension StudyReport {
    /// A rendered scene by the original, bicubic interpolation and every network of the first seed.
    func comparison(
        _ progress: ProgressHandler?, _ cancellation: Cancellation?
    ) throws -> Report.ImageComparison? {
        guard let folder else { return nil }
        let cells = groups.map(\.first).filter { $0.model != nil }
        guard let scale = try cells.first.map({ try model(of: $0, folder).blueprint.scale }) else {
            return nil
        }
        let size = FrameSize(width: 256, height: 160)
        let frames = 7
        let scene = try SyntheticScene(
            seed: 1_000_500, size: size, frameCount: frames)
        let low = try (0..<frames).map {
            try Degradation.bicubic.degraded(scene.frame($0), scale: scale)
        }
        let shown = frames / 2
        var images = [
            ("bicubic", try BicubicUpscaler.upscaled(low[shown], scale: scale))
        ]
        var options = UpscalerOptions()
        options.cancellation = cancellation
        for (index, cell) in cells.enumerated() {
            progress?(ProgressUpdate("pictures", completed: index, total: cells.count))
            let upscaler = try Upscaler(model: try model(of: cell, folder), options: options)
            images.append((StudyGroup(cells: [cell]).name, try upscaler.upscale(clip: low)[shown]))
        }
        progress?(ProgressUpdate("pictures", completed: cells.count, total: cells.count))
        images.append(("original", scene.frame(shown)))
        return Report.ImageComparison(
            title: "A rendered scene that no network was trained on (the paper's Fig. 3)",
            images: try images.map { name, frame in
                Report.NamedImage(
                    name: name, mediaType: "image/png",
                    data: try ImageFile.encode(
                        frame, as: .png, options: ImageOptions(), name: name))
            })
    }

    private func model(of cell: StudyResults.Cell, _ folder: String) throws -> Model {
        try ModelFile.read("\(folder)/\(cell.model ?? "")")
    }
}
