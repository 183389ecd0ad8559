import VSRCore
import VSRModel
import VSRRuntime

/// Whole frames of an endless clip, as an application runs them.
///
/// An online network takes a picture and gives a frame. A bidirectional one gives a window of them
/// once its look-ahead has come, so a run is a window and its time the mean of the window's frames.
final class FramePart: Part {
    private let configuration: Configuration
    private let upscaler: Upscaler
    private let output: FrameSize
    private let target: UnsafeMutableBufferPointer<Float>
    private var count = 0

    init(_ configuration: Configuration) throws {
        self.configuration = configuration
        upscaler = try Upscaler(
            model: ModelFile.read(configuration.model), frameSize: configuration.size,
            options: configuration.options)
        output = configuration.size.scaled(by: upscaler.scale)
        target = .allocate(capacity: Frame.channels * output.area)
    }

    deinit { target.deallocate() }

    var instructionSetName: String { upscaler.instructionSetName }
    var precision: UpscalerOptions.Precision { upscaler.effectivePrecision }

    func run() throws -> Timing {
        let stopwatch = Stopwatch()
        while upscaler.readyFrames == 0 {
            let picture = configuration.inputs.clip[count % configuration.inputs.clip.count]
            _ = try upscaler.push(.rgb(picture))
            count += 1
        }
        let frames = upscaler.readyFrames
        while upscaler.readyFrames > 0 {
            try upscaler.pull(into: .planarFloats(target, size: output))
        }
        return stopwatch.timing(sharedBy: frames)
    }

    /// The second frame of the clip of three: the first that a flow leads to, and in a
    /// bidirectional network from both sides.
    func result() throws -> [Float] {
        let whole = try Upscaler(
            model: ModelFile.read(configuration.model), options: configuration.options)
        return try whole.upscale(clip: configuration.inputs.clip)[1].samples
    }
}
