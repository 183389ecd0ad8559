import VSRCore
import VSRModel

/// SPyNet by the plain C kernels.
///
/// Source: Ranjan & Black, CVPR 2017; sizes and resampling as in BasicSR.
struct ReferenceFlowNetwork: Sendable {
    /// Mean and standard deviation per channel of the pictures that the network was trained on.
    static let mean: [Float] = [0.485, 0.456, 0.406]
    static let deviation: [Float] = [0.229, 0.224, 0.225]

    /// The convolutions of each level, the coarsest first.
    let levels: [ReferenceChain]
    private let shape: Blueprint.FlowNetwork

    init(_ model: Model) throws {
        levels = try (0..<model.blueprint.flow.levels).map {
            try ReferenceChain(model.blueprint.flowLayers(level: $0), of: model)
        }
        self.shape = model.blueprint.flow
    }

    /// Optical flow `[2, height, width]` in pixels: where in `supporting` each pixel of
    /// `reference` is found.
    func flow(reference: FeatureMap, supporting: FeatureMap) -> FeatureMap {
        let size = reference.size
        let padded = shape.paddedSize(for: size)
        let references = pyramid(reference, size: padded)
        let supportings = pyramid(supporting, size: padded)
        var flow = FeatureMap(channels: 2, size: references[0].size)
        for level in levels.indices {
            if level > 0 { flow = Self.doubled(flow, size: references[level].size) }
            let warped = supportings[level].warped(by: flow, padding: .border)
            let input = FeatureMap(concatenating: [references[level], warped, flow])
            flow = flow + levels[level](input)
        }
        return Self.rescaled(flow, to: size)
    }

    /// The normalized picture at every level's size, the coarsest first, and at those above the
    /// finest level that it is reduced from.
    private func pyramid(_ picture: FeatureMap, size: FrameSize) -> [FeatureMap] {
        var finest = picture.resized(to: size, alignCorners: false)
        for index in finest.samples.indices {
            let channel = index / size.area
            finest.samples[index] =
                (finest.samples[index] - Self.mean[channel]) / Self.deviation[channel]
        }
        var pyramid = [finest]
        while pyramid.count < levels.count + shape.reduction.trailingZeroBitCount {
            pyramid.append(pyramid[pyramid.count - 1].averagePooled())
        }
        return pyramid.reversed()
    }

    /// The flow of the next finer level: twice the pixels, twice the displacement.
    private static func doubled(_ flow: FeatureMap, size: FrameSize) -> FeatureMap {
        var finer = flow.resized(to: size, alignCorners: true)
        for index in finer.samples.indices { finer.samples[index] *= 2 }
        return finer
    }

    /// The flow at the picture's own size, its displacements scaled along.
    private static func rescaled(_ flow: FeatureMap, to size: FrameSize) -> FeatureMap {
        var result = flow.resized(to: size, alignCorners: false)
        let horizontal = Float(size.width) / Float(flow.size.width)
        let vertical = Float(size.height) / Float(flow.size.height)
        for index in 0..<size.area {
            result.samples[index] *= horizontal
            result.samples[size.area + index] *= vertical
        }
        return result
    }
}
