import CKernels
import VSRCore
import VSRModel

/// SPyNet by the tuned kernels, for pictures of one size.
///
/// Source: Ranjan & Black, CVPR 2017; sizes and resampling as in BasicSR.
final class TunedFlowNetwork {
    /// The normalized picture at every level's size, the coarsest first, then at those sizes that
    /// it is reduced from.
    private final class Pyramid {
        /// The picture slot that it was made from.
        var picture: Int?
        let sizes: [FrameSize]
        let levels: [FloatBuffer]

        init(sizes: [FrameSize]) throws {
            self.sizes = sizes
            levels = try sizes.map { try FloatBuffer(count: Frame.channels * $0.area) }
        }
    }

    /// Buffers of one level.
    private struct Level {
        let size: FrameSize
        let convolutions: [PackedConvolution]
        let warped: FloatBuffer
        let flow: FloatBuffer
        /// Reference 3, warped 3, flow 2.
        let input: KernelMap
        /// Outputs of the first, third and so on, and of the second, fourth and so on.
        let even: KernelMap
        let odd: KernelMap
    }

    private let size: FrameSize
    private let levels: [Level]
    /// Of the last two pictures: a picture is the reference once and the supporting one once.
    private let pyramids: [Pyramid]
    private var nextPyramid = 0
    private let constants = PointerArena()
    private let flowChannels: UnsafePointer<Int32>
    private let factors: UnsafePointer<Float>
    private let offsets: UnsafePointer<Float>
    private let doubling: UnsafePointer<Float>
    private let rescaling: UnsafePointer<Float>

    init(_ network: PackedNetwork, size: FrameSize) throws {
        let shape = network.blueprint.flow
        self.size = size
        let sizes = (0..<shape.levels).map { shape.size(ofLevel: $0, at: size) }
        let widths = shape.widths.alternating
        levels = try zip(sizes, network.flowLevels).map { size, convolutions in
            Level(
                size: size, convolutions: convolutions,
                warped: try FloatBuffer(count: Frame.channels * size.area),
                flow: try FloatBuffer(count: 2 * size.area),
                input: try KernelMap(channels: Blueprint.FlowNetwork.inputWidth, size: size),
                even: try KernelMap(channels: widths.even, size: size),
                odd: try KernelMap(channels: widths.odd, size: size))
        }
        let pictures = sizes + shape.sizesAboveLevels(at: size)
        pyramids = [try Pyramid(sizes: pictures), try Pyramid(sizes: pictures)]
        let finest = shape.size(ofLevel: shape.levels - 1, at: size)
        flowChannels = constants.copy([6, 7])
        let deviation = ReferenceFlowNetwork.deviation
        factors = constants.copy(deviation.map { 1 / $0 })
        offsets = constants.copy(zip(ReferenceFlowNetwork.mean, deviation).map { -$0 / $1 })
        doubling = constants.copy([2, 2] as [Float])
        rescaling = constants.copy([
            Float(size.width) / Float(finest.width), Float(size.height) / Float(finest.height),
        ])
    }

    var bytes: Int {
        let maps = levels.map {
            $0.warped.bytes + $0.flow.bytes + $0.input.bytes + $0.odd.bytes + $0.even.bytes
        }
        let planes = pyramids.flatMap(\.levels).map(\.bytes)
        return (maps + planes).reduce(0, +)
    }

    /// Says that a picture slot has new contents.
    func forget(picture: Int) {
        for pyramid in pyramids where pyramid.picture == picture { pyramid.picture = nil }
    }

    /// Writes the flow `[2, height, width]` from picture `reference` to picture `supporting`;
    /// `pictures` holds the planes of each slot.
    func estimate(
        reference: Int, supporting: Int, pictures: [FloatBuffer], into flow: FloatBuffer,
        _ pool: KernelPool, _ clock: LayerClock
    ) throws {
        let first = try pyramid(of: reference, keeping: supporting, pictures, pool, clock)
        let second = try pyramid(of: supporting, keeping: reference, pictures, pool, clock)
        for index in levels.indices {
            let level = levels[index]
            try clock.measure("spynet.resize and warp", of: .flow) {
                try startFlow(of: index, pool)
                let supportingPlanes = second.levels[index].base
                try check(
                    vsr_warp_planes(
                        pool.pointer, supportingPlanes, Int32(Frame.channels),
                        Int32(level.size.height), Int32(level.size.width), level.flow.base,
                        level.warped.base), "the flow network's warp")
                try level.input.load(first.levels[index].base, count: 3, at: 0, pool)
                try level.input.load(level.warped.base, count: 3, at: 3, pool)
                try level.input.load(level.flow.base, count: 2, at: 6, pool)
            }
            try addResidual(to: level, pool, clock)
        }
        try finish(into: flow, pool, clock)
    }

    private func addResidual(to level: Level, _ pool: KernelPool, _ clock: LayerClock) throws {
        var input = level.input
        let last = level.convolutions.count - 1
        for (index, convolution) in level.convolutions.enumerated() {
            var source = input.source(convolution.inputs)
            try clock.measure(convolution.name, of: .flow, layer: convolution.role) {
                if index == last {
                    try convolution.run(
                        pool, &source, count: 1, into: level.input, channels: flowChannels,
                        mode: VSR_ADD)
                } else {
                    input = index % 2 == 0 ? level.even : level.odd
                    try convolution.run(pool, &source, count: 1, into: input)
                }
            }
        }
        try level.input.store(2, from: 6, to: level.flow.base, pool)
    }

    /// The flow that a level begins with: the coarser one's, at twice the size.
    private func startFlow(of index: Int, _ pool: KernelPool) throws {
        let level = levels[index]
        guard index > 0 else {
            level.flow.base.update(repeating: 0, count: level.flow.count)
            return
        }
        let coarser = levels[index - 1]
        try check(
            vsr_resize_bilinear(
                pool.pointer, coarser.flow.base, 2, Int32(coarser.size.height),
                Int32(coarser.size.width), level.flow.base, Int32(level.size.height),
                Int32(level.size.width), 1, doubling, nil), "the flow's upsampling")
    }

    private func finish(
        into flow: FloatBuffer, _ pool: KernelPool, _ clock: LayerClock
    ) throws {
        guard let finest = levels.last else { return }
        try clock.measure("spynet.resize and warp", of: .flow) {
            try check(
                vsr_resize_bilinear(
                    pool.pointer, finest.flow.base, 2, Int32(finest.size.height),
                    Int32(finest.size.width), flow.base, Int32(size.height), Int32(size.width), 0,
                    rescaling, nil), "the flow's resize")
        }
    }

    private func pyramid(
        of picture: Int, keeping other: Int, _ pictures: [FloatBuffer], _ pool: KernelPool,
        _ clock: LayerClock
    ) throws -> Pyramid {
        if let made = pyramids.first(where: { $0.picture == picture }) { return made }
        if pyramids[nextPyramid].picture == other { nextPyramid = 1 - nextPyramid }
        let pyramid = pyramids[nextPyramid]
        nextPyramid = 1 - nextPyramid
        try clock.measure("spynet.pyramid", of: .flow) {
            try fill(pyramid, from: pictures[picture], pool)
        }
        pyramid.picture = picture
        return pyramid
    }

    private func fill(_ pyramid: Pyramid, from picture: FloatBuffer, _ pool: KernelPool) throws {
        pyramid.picture = nil
        let channels = Int32(Frame.channels)
        let sizes = pyramid.sizes
        let finest = sizes.count - 1
        try check(
            vsr_resize_bilinear(
                pool.pointer, picture.base, channels, Int32(size.height), Int32(size.width),
                pyramid.levels[finest].base, Int32(sizes[finest].height),
                Int32(sizes[finest].width), 0, factors, offsets), "the picture's resize")
        for index in (0..<finest).reversed() {
            let finer = sizes[index + 1]
            try check(
                vsr_average_pool2(
                    pool.pointer, pyramid.levels[index + 1].base, channels, Int32(finer.height),
                    Int32(finer.width), pyramid.levels[index].base), "the picture's pyramid")
        }
    }
}
