import VSRCore
import VSRModel

/// A network's weights as an executor needs them, whatever the frames' size.
struct PreparedNetwork {
    /// Sides beyond this are refused, which keeps all sizes within the kernels' 32-bit integers.
    static let longestSide = 1 << 14

    private enum Weights {
        case reference(ReferenceNetwork)
        case tuned(PackedNetwork)
    }

    let blueprint: Blueprint
    private let weights: Weights
    private let options: UpscalerOptions

    init(_ model: Model, options: UpscalerOptions) throws {
        self.blueprint = model.blueprint
        self.options = options
        switch options.executor {
        case .reference: weights = .reference(try ReferenceNetwork(model))
        case .tuned:
            weights = .tuned(
                try PackedNetwork(
                    model, precision: options.precision, separateBlocks: options.isProfiled,
                    threads: options.effectiveThreads, instructionSets: options.instructionSets))
        }
    }

    var instructionSetName: String {
        switch weights {
        case .reference: "c"
        case .tuned(let packed): packed.instructionSetName
        }
    }

    var precision: UpscalerOptions.Precision {
        switch weights {
        case .reference: .fp32
        case .tuned(let packed): packed.precision
        }
    }

    /// - Throws: `unsupported` if the size is beyond ``longestSide``, `outOfMemory`.
    func makeExecutor(frameSize: FrameSize) throws -> any NetworkExecutor {
        try Self.check(frameSize)
        let plan = MemoryPlan(blueprint, frameSize: frameSize, options: options)
        switch weights {
        case .reference(let network):
            try plan.check(plan.referenceBytes)
            return ReferenceExecutor(network: network, frameSize: frameSize)
        case .tuned(let packed):
            try plan.check(plan.tunedBytes)
            return try TunedExecutor(
                packed, frameSize: frameSize, threads: options.effectiveThreads,
                isProfiled: options.isProfiled)
        }
    }

    static func check(_ frameSize: FrameSize) throws {
        let sides = 1...longestSide
        guard sides.contains(frameSize.width), sides.contains(frameSize.height) else {
            throw VSRError(
                .unsupported,
                "frames of \(frameSize) cannot be upscaled: sides are in 1...\(longestSide)")
        }
    }
}
