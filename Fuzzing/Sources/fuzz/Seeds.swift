import VSRCore
import VSRMedia
import VSRModel
import VSRTestSupport

/// The valid files that the fuzzer starts from.
enum Seeds {
    /// The mutation tests' model, and small dense ones.
    static func writeModels(_ folder: String) throws {
        try ModelFile.write(.example(), to: "\(folder)/pruned.safetensors")
        for direction in [
            Blueprint.Direction.unidirectional, .bidirectional,
            .init([.backward, .forward, .forward(2)]),
        ] {
            let blueprint = Blueprint(
                direction: direction, width: 2, blocks: 1, scale: 2,
                flow: .init(widths: [1, 1, 1, 1], levels: 1))
            try ModelFile.write(
                .random(blueprint, seed: 1), to: "\(folder)/\(direction.rawValue).safetensors")
        }
    }

    static func writeVideos(_ folder: String) throws {
        let size = FrameSize(width: 32, height: 16)
        for suffix in ["mp4", "mkv", "mov"] {
            let like = VideoProperties(
                size: size, timeBase: Rational(1, 25), frameRate: Rational(25, 1))
            let writer = try VideoWriter("\(folder)/seed.\(suffix)", size: size, like: like)
            for index in 0..<6 {
                let frame = MovingStripes.frame(index, clip: 0, size: size)
                try writer.write(TimedFrame(frame, timestamp: Int64(index), duration: 1))
            }
            try writer.finish()
        }
    }

    /// Every key of the pruning settings, in groups that go together.
    static let pruning = [
        "ratio: 0.25\nscope: local\norder: random\nseed: 3\nexclude: [upsampler, forward]\n",
        "targetMacs: 92.1G\nnormalization: lamp\nnorm: sum\nalign: 4\nallowEmpty: true\n",
        "targetMs: 40\nsize: 640x360\nthreads: 2\n",
        "structure: aligned\ntargetParameters: 0.5\n",
        "ratio: 0.5\n\0order=max\0norm=mean",
    ]
}
