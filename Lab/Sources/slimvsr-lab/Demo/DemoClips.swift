import Foundation
import VSRCore
import VSRData
import VSRImaging
import VSRMedia

/// The clips of the demonstration: rendered, or the user's own.
struct DemoClips {
    let plan: DemoPlan
    let scale: Int

    /// Seeds far from those of the training scenes.
    private var firstSeed: UInt64 { plan.seed &+ 1_000_000 }

    /// Clips for evaluation, rendered as they are read.
    func evaluation() -> [ClipPair] {
        ClipSource.scenes(
            plan.evaluationScenes, seed: firstSeed, size: plan.evaluationSize,
            frames: plan.evaluationFrames
        ).map { ClipPair(groundTruth: $0) }
    }

    /// Frames for the pictures of the report.
    struct Showcase {
        var title: String
        /// Low-resolution frames up to the one that is shown.
        var frames: [Frame]
        /// The high-resolution original of the last frame, if there is one.
        var original: Frame?
        /// The video that is upscaled.
        var video: String
    }

    /// Renders a scene, writes its low-resolution video to `path`.
    func rendered(to path: String, progress: ProgressHandler?) throws -> Showcase {
        let scene = try SyntheticScene(
            seed: firstSeed &+ 500, size: plan.showcaseSize, frameCount: plan.showcaseFrames)
        let size = FrameSize(
            width: plan.showcaseSize.width / scale, height: plan.showcaseSize.height / scale)
        var encoding = VideoWriterOptions()
        encoding.quality = 8
        let writer = try MediaPath.create(
            path, size: size,
            like: VideoProperties(
                size: size, timeBase: Rational(1, 25), frameRate: Rational(25, 1)),
            options: encoding)
        var frames: [Frame] = []
        var original: Frame?
        for index in 0..<plan.showcaseFrames {
            let high = scene.frame(index)
            let low = try Degradation.bicubic.degraded(high, scale: scale)
            try writer.write(TimedFrame(low, timestamp: Int64(index), duration: 1))
            if index <= plan.pictureIndex { frames.append(low) }
            if index == plan.pictureIndex { original = high }
            progress?(
                ProgressUpdate("render", completed: index + 1, total: plan.showcaseFrames))
        }
        try writer.finish()
        return Showcase(
            title: "A rendered scene, \(size) to \(plan.showcaseSize)", frames: frames,
            original: original, video: path)
    }

    /// The middle of the first frames of the user's video.
    func taken(from path: String) throws -> Showcase {
        let video = try MediaPath.open(path)
        let size = video.properties.size
        let part = FrameSize(
            width: min(size.width, plan.pictureSize.width),
            height: min(size.height, plan.pictureSize.height))
        var frames: [Frame] = []
        while frames.count <= plan.pictureIndex, let frame = try video.next()?.frame {
            frames.append(
                try frame.cropped(
                    to: part, x: (size.width - part.width) / 2, y: (size.height - part.height) / 2))
        }
        guard !frames.isEmpty else {
            throw VSRError(.corruptData, "\(path) holds no frame that can be decoded")
        }
        let name = URL(fileURLWithPath: path).lastPathComponent
        return Showcase(
            title: "\(name), \(part) of its \(size) to \(part.scaled(by: scale))", frames: frames,
            original: nil, video: path)
    }
}
