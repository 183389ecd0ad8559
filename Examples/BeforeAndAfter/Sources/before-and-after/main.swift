import Foundation
import VSRCore
import VSRImaging
import VSRMedia
import VSRModel
import VSRRuntime

/// Upscales the last frame of a rendered clip with `model` and by bicubic interpolation.
func upscaledBothWays(
    _ model: Model, seed: UInt64, size: FrameSize, frames: Int
) throws -> (original: Frame, bicubic: Frame, network: Frame) {
    let scene = try SyntheticScene(seed: seed, size: size, frameCount: frames)
    let originals = (0..<frames).map(scene.frame)
    let inputs = try originals.map {
        try Degradation.bicubic.degraded($0, scale: model.blueprint.scale)
    }
    let upscaled = try Upscaler(model: model).upscale(clip: inputs)
    return (
        originals[frames - 1],
        try BicubicUpscaler.upscaled(inputs[frames - 1], scale: model.blueprint.scale),
        upscaled[frames - 1]
    )
}

/// Two frames of one height, `gap` white pixels between them.
func besides(_ left: Frame, _ right: Frame, gap: Int) -> Frame {
    let size = FrameSize(width: left.width + gap + right.width, height: left.height)
    var joined = Frame(size: size, filledWith: 1)
    for channel in 0..<Frame.channels {
        for y in 0..<left.height {
            for x in 0..<left.width { joined[channel, y, x] = left[channel, y, x] }
            for x in 0..<right.width {
                joined[channel, y, left.width + gap + x] = right[channel, y, x]
            }
        }
    }
    return joined
}

/// Every pixel as 2×2, so that single pixels can be seen.
func doubled(_ frame: Frame) -> Frame {
    var larger = Frame(size: frame.size.scaled(by: 2))
    for channel in 0..<Frame.channels {
        for y in 0..<larger.height {
            for x in 0..<larger.width { larger[channel, y, x] = frame[channel, y / 2, x / 2] }
        }
    }
    return larger
}

func decibels(_ frame: Frame, _ original: Frame) throws -> String {
    String(format: "%.2f dB", try QualityFigures.measure(frame, original).psnr)
}

let arguments = CommandLine.arguments.dropFirst()
guard let modelPath = arguments.first, let output = arguments.dropFirst().first else {
    print("usage: before-and-after MODEL.safetensors OUTPUT.png [SEED]")
    exit(1)
}
let seed = arguments.dropFirst(2).first.flatMap { UInt64($0) } ?? 7
do {
    let model = try ModelFile.read(modelPath)
    let result = try upscaledBothWays(
        model, seed: seed, size: FrameSize(width: 960, height: 544), frames: 8)
    let part = FrameSize(width: 208, height: 144)
    func shown(_ frame: Frame) throws -> Frame {
        doubled(try frame.cropped(to: part, x: 340, y: 132))
    }
    let picture = besides(try shown(result.bicubic), try shown(result.network), gap: 16)
    try ImageFile.write(picture, to: output)
    print("bicubic: \(try decibels(result.bicubic, result.original))")
    print("network: \(try decibels(result.network, result.original))")
} catch {
    print("error: \(error)")
    exit(1)
}
