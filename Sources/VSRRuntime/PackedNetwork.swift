import CKernels
import VSRCore
import VSRModel

/// A model's weights packed for the tuned kernels; immutable, so usable by any number of executors.
final class PackedNetwork: Sendable {
    /// A branch's layers; its residual blocks in one piece, or each alone to be timed.
    struct Trunk: Sendable {
        let first: PackedConvolution
        let blocks: [PackedBlocks]
    }

    let blueprint: Blueprint
    let precision: UpscalerOptions.Precision
    /// The sets that were permitted: whoever runs this network keeps to them.
    let instructionSets: InstructionSets
    let trunks: [Blueprint.Branch: Trunk]
    /// The convolutions of each level, the coarsest first.
    let flowLevels: [[PackedConvolution]]
    let upsampler: PackedUpsampler

    /// The one that its kernels use.
    var instructionSetName: String { instructionSets.best.name }

    /// - Throws: `invalidArgument` where the blueprint is not valid, `unsupported` where kernels
    ///   lack what it asks for, `notFound` or `shapeMismatch` naming a tensor, `outOfMemory`.
    init(
        _ model: Model, precision requested: UpscalerOptions.Precision, separateBlocks: Bool,
        threads: Int, instructionSets: InstructionSets
    ) throws {
        let blueprint = model.blueprint
        try blueprint.validate()
        try blueprint.requireTunedKernels()
        self.blueprint = blueprint
        self.instructionSets = instructionSets
        precision = PrecisionRecord.precision(
            requested, for: model, hasBF16: instructionSets.best == .avx512BF16)
        // For packing only: an executor has its own.
        let pool = try KernelPool(threads: threads, instructionSets: instructionSets)
        let products = precision == .bf16 ? VSR_PRECISION_BF16 : VSR_PRECISION_FP32
        var trunks: [Blueprint.Branch: Trunk] = [:]
        for branch in blueprint.branches {
            trunks[branch] = Trunk(
                first: try PackedConvolution(
                    blueprint.firstLayer(branch), of: model, precision: products, by: pool),
                blocks: try PackedBlocks.pack(
                    branch, of: model, precision: products, separately: separateBlocks, by: pool))
        }
        self.trunks = trunks
        // Small errors of the flow move whole textures: it is always computed in fp32.
        flowLevels = try (0..<blueprint.flow.levels).map { level in
            try blueprint.flowLayers(level: level).map {
                try PackedConvolution($0, of: model, precision: VSR_PRECISION_FP32, by: pool)
            }
        }
        upsampler = try PackedUpsampler(model, precision: products, by: pool)
    }
}

/// Residual blocks, packed.
final class PackedBlocks: @unchecked Sendable {
    let name: String
    let pointer: OpaquePointer

    private init(name: String, pointer: OpaquePointer) {
        self.name = name
        self.pointer = pointer
    }

    deinit { vsr_trunk_destroy(pointer) }

    /// The blocks of `branch` that add anything: in one piece, or each alone.
    static func pack(
        _ branch: Blueprint.Branch, of model: Model, precision: vsr_precision, separately: Bool,
        by pool: KernelPool
    ) throws -> [PackedBlocks] {
        let arena = PointerArena()
        var blocks: [vsr_block] = []
        var names: [String] = []
        for (index, kept) in model.blueprint[branch].enumerated() where !kept.isDropped {
            let layers = model.blueprint.blockLayers(branch, index)
            let weights = try layers.map { arena.copy(try model.weight(of: $0).values) }
            let biases = try layers.map { arena.copy(try model.bias(of: $0).values) }
            blocks.append(
                vsr_block(
                    inputs: Int32(kept.keptInputs.count), middle: Int32(kept.middleWidth),
                    outputs: Int32(kept.keptOutputs.count),
                    input_channels: arena.copy(kept.keptInputs),
                    output_channels: arena.copy(kept.keptOutputs),
                    weights1: weights[0], bias1: biases[0],
                    weights2: weights[1], bias2: biases[1]))
            names.append(Layer.Role.blockName(branch, index))
        }
        let width = Int32(model.blueprint.width)
        return try withExtendedLifetime((arena, pool)) {
            func packed(_ range: Range<Int>, name: String) throws -> PackedBlocks {
                let pointer = blocks.withUnsafeBufferPointer { all in
                    vsr_trunk_create(
                        pool.pointer, width, Int32(range.count),
                        all.baseAddress.map { $0 + range.lowerBound }, precision,
                        pool.instructionSets.rawValue)
                }
                guard let pointer else {
                    throw VSRError(.outOfMemory, "not enough memory for the weights of \(name)")
                }
                return PackedBlocks(name: name, pointer: pointer)
            }
            if blocks.isEmpty { return [] }
            guard separately else {
                return [try packed(0..<blocks.count, name: Layer.Role.blocksName(branch))]
            }
            return try blocks.indices.map { try packed($0..<$0 + 1, name: names[$0]) }
        }
    }
}

/// The upsampler's weights, packed.
final class PackedUpsampler: @unchecked Sendable {
    let pointer: OpaquePointer

    init(_ model: Model, precision: vsr_precision, by pool: KernelPool) throws {
        let blueprint = model.blueprint
        let arena = PointerArena()
        let layers = blueprint.upsamplerLayers
        let packed = try layers.map { layer in
            vsr_upsampler_layer(
                channels: Int32(layer.outputs / layer.filtersPerUnit),
                factor: Int32(layer.shuffle),
                weights: arena.copy(try model.weight(of: layer).values),
                bias: arena.copy(try model.bias(of: layer).values))
        }
        // All layers but the last have the network's activation.
        let slope = try layers[0].kernelSlope()
        let pointer = withExtendedLifetime((arena, pool)) {
            packed.withUnsafeBufferPointer { packed in
                vsr_upsampler_create(
                    pool.pointer, Int32(layers[0].inputs), packed.baseAddress,
                    Int32(packed.count), slope, precision, pool.instructionSets.rawValue)
            }
        }
        guard let pointer else {
            throw VSRError(.outOfMemory, "not enough memory for the upsampler's weights")
        }
        self.pointer = pointer
    }

    deinit { vsr_upsampler_destroy(pointer) }
}
