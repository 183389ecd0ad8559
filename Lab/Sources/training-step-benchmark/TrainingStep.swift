import Foundation
import Torch
import VSRCore
import VSRModel
import VSRNetworks

/// What both sides of the benchmark are to do.
struct Settings: Decodable {
    var direction: Blueprint.Direction
    var width, blocks, frames, side, batch, threads: Int
    var flowWidths: [Int]
    var rate: Double
}

/// A training step as in pretraining: forward, Charbonnier loss, backward, Adam, weight average.
final class TrainingStep {
    private let network: BasicVSR
    private let adam: Optimizer
    private let average: WeightAverage
    private let clip: Tensor
    private let target: Tensor

    init(_ settings: Settings, _ folder: URL) throws {
        try setThreadCount(settings.threads)
        let blueprint = Blueprint(
            direction: settings.direction, width: settings.width, blocks: settings.blocks,
            flow: .init(widths: settings.flowWidths))
        let model = try Model.initialized(blueprint, seed: 1)
        try ModelFile.write(model, to: folder.appendingPathComponent("model.safetensors").path)
        network = try BasicVSR(model)
        let parameters = network.namedParameters
        adam = try Optimizer(groups: [
            .init(name: "all", parameters: parameters, rate: settings.rate)
        ])
        average = try WeightAverage(of: parameters, decay: 0.999)
        let shape = [settings.batch, settings.frames, 3, settings.side, settings.side]
        clip = try Self.read(folder.appendingPathComponent("clip.f32"), shape)
        target = try Self.read(
            folder.appendingPathComponent("target.f32"),
            shape.dropLast(2) + [4 * settings.side, 4 * settings.side])
    }

    private static func read(_ url: URL, _ shape: [Int]) throws -> Tensor {
        try Data(contentsOf: url).withUnsafeBytes {
            try Tensor(bytes: $0, shape: shape, dtype: .float32)
        }
    }

    /// Makes the step and returns the loss before it.
    func run() throws -> Double {
        try adam.dropGradients()
        let output = try network.assembled()(clip).frames
        let loss = try ((output - target).square() + 1e-12).sqrt().mean()
        try loss.backward()
        try adam.step()
        try average.update()
        return try loss.item()
    }
}
