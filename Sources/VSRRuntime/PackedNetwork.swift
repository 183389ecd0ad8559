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
    /// The five convolutions of each level, the coarsest first.
    let flowLevels: [[PackedConvolution]]
    let upsampler: PackedUpsampler

    /// The one that its kernels use.
    var instructionSetName: String { instructionSets.best.name }

    /// - Throws: `invalidArgument` where the blueprint is not valid, `notFound` or `shapeMismatch`
    ///   naming a tensor, `outOfMemory`.
    init(
        _ model: Model, precision requested: UpscalerOptions.Precision, separateBlocks: Bool,
        threads: Int, instructionSets: InstructionSets
    ) throws {
        let blueprint = model.blueprint
        try blueprint.validate()
        self.blueprint = blueprint
        self.instructionSets = instructionSets
        precision = PrecisionRecord.precision(
            requested, for: model, hasBF16: instructionSets.best == .avx512BF16)
        // For packing only: an executor has its own.
        let pool = try KernelPool(threads: threads, instructionSets: instructionSets)
        let products = precision == .bf16 ? VSR_PRECISION_BF16 : VSR_PRECISION_FP32
        var trunks: [Blueprint.Branch: Trunk] = [:]
        for branch in blueprint.branches {
            guard let first = blueprint.trunkLayers(branch).first else { continue }
            trunks[branch] = Trunk(
                first: try PackedConvolution(first, of: model, precision: products, by: pool),
                blocks: try PackedBlocks.pack(
                    branch, of: model, precision: products, separately: separateBlocks, by: pool))
        }
        self.trunks = trunks
        // Small errors of the flow move whole textures: it is always computed in fp32.
        let convolutions = try blueprint.flowLayers.map {
            try PackedConvolution($0, of: model, precision: VSR_PRECISION_FP32, by: pool)
        }
        let perLevel = blueprint.flow.channelChain.count - 1
        flowLevels = (0..<blueprint.flow.levels).map {
            Array(convolutions[$0 * perLevel..<($0 + 1) * perLevel])
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
        let layers = Dictionary(
            uniqueKeysWithValues: model.blueprint.trunkLayers(branch).map { ($0.name, $0) })
        var blocks: [vsr_block] = []
        var names: [String] = []
        for (index, kept) in model.blueprint[branch].enumerated() where !kept.isDropped {
            let names12 = Blueprint.blockNames(branch, index)
            func values(_ name: String) throws -> (weight: [Float], bias: [Float]) {
                guard let layer = layers[name] else { return ([], []) }
                return (try model.weight(of: layer).values, try model.bias(of: layer).values)
            }
            let first = try values(names12.conv1)
            let second = try values(names12.conv2)
            blocks.append(
                vsr_block(
                    inputs: Int32(kept.keptInputs.count), middle: Int32(kept.middleWidth),
                    outputs: Int32(kept.keptOutputs.count),
                    input_channels: arena.copy(kept.keptInputs),
                    output_channels: arena.copy(kept.keptOutputs),
                    weights1: arena.copy(first.weight), bias1: arena.copy(first.bias),
                    weights2: arena.copy(second.weight), bias2: arena.copy(second.bias)))
            names.append("\(branch.trunkName).main.2.\(index)")
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
                return [try packed(0..<blocks.count, name: "\(branch.trunkName).main.2")]
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
        let shape = blueprint.upsampler
        let arena = PointerArena()
        let layers = Dictionary(
            uniqueKeysWithValues: blueprint.upsamplerLayers.map { ($0.name, $0) })
        func weight(_ name: String) throws -> UnsafePointer<Float> {
            arena.copy(try layers[name].map { try model.weight(of: $0).values } ?? [])
        }
        func bias(_ name: String) throws -> UnsafePointer<Float> {
            arena.copy(try layers[name].map { try model.bias(of: $0).values } ?? [])
        }
        var weights = vsr_upsampler_weights()
        weights.scale = Int32(blueprint.scale)
        weights.hidden = Int32(blueprint.width * blueprint.branches.count)
        weights.fused = Int32(blueprint.width)
        weights.first = Int32(shape.firstWidth)
        weights.second = Int32(shape.secondWidth ?? 0)
        weights.refined = Int32(shape.refinementWidth)
        weights.slope = blueprint.negativeSlope
        weights.fusion_weights = try weight("fusion")
        weights.fusion_bias = try bias("fusion")
        weights.upconv1_weights = try weight("upconv1")
        weights.upconv1_bias = try bias("upconv1")
        weights.upconv2_weights = try weight("upconv2")
        weights.upconv2_bias = try bias("upconv2")
        weights.conv_hr_weights = try weight("conv_hr")
        weights.conv_hr_bias = try bias("conv_hr")
        weights.conv_last_weights = try weight("conv_last")
        weights.conv_last_bias = try bias("conv_last")
        let pointer = withExtendedLifetime((arena, pool)) {
            vsr_upsampler_create(
                pool.pointer, &weights, precision, pool.instructionSets.rawValue)
        }
        guard let pointer else {
            throw VSRError(.outOfMemory, "not enough memory for the upsampler's weights")
        }
        self.pointer = pointer
    }

    deinit { vsr_upsampler_destroy(pointer) }
}
