import Foundation
import VSRCore
import VSRMedia
import VSRModel

/// The valid files that the fuzzer starts from, as the mutation tests make them.
enum Seeds {
    static func write(_ target: FuzzTarget, to folder: String) throws {
        switch target {
        case .model: try writeModels(folder)
        case .video: try writeVideos(folder)
        case .checkpoint, .yaml: break  // scripts/fuzz copies fixtures and configurations
        }
    }

    private static func writeModels(_ folder: String) throws {
        for direction in [
            Blueprint.Direction.unidirectional, .bidirectional,
            .init([.backward, .forward, .forward(2)]),
        ] {
            let blueprint = Blueprint(
                direction: direction, width: 2, blocks: 1, scale: 2,
                flow: .init(widths: [1, 1, 1, 1], levels: 1))
            let model = try Model.initialized(blueprint, seed: 1)
            try ModelFile.write(model, to: "\(folder)/\(direction.rawValue).safetensors")
        }
    }

    private static func writeVideos(_ folder: String) throws {
        let size = FrameSize(width: 32, height: 16)
        for suffix in ["mp4", "mkv", "mov"] {
            let like = VideoProperties(
                size: size, timeBase: Rational(1, 25), frameRate: Rational(25, 1))
            let writer = try VideoWriter("\(folder)/seed.\(suffix)", size: size, like: like)
            for index in 0..<6 {
                var frame = Frame(size: size, filledWith: 0.5)
                for x in 0..<size.width { frame[index % 3, index, x] = Float(x) / 32 }
                try writer.write(TimedFrame(frame, timestamp: Int64(index), duration: 1))
            }
            try writer.finish()
        }
    }
}
