import CKernels
import VSRCore
import VSRModel

/// A network's steps by the tuned kernels.
///
/// All memory is allocated once per frame size. Hidden states stay in the kernels' own layout.
final class TunedExecutor: NetworkExecutor {
    let frameSize: FrameSize
    private let network: PackedNetwork
    private let pool: KernelPool
    private let clock: LayerClock
    private let flowNetwork: TunedFlowNetwork
    /// Dense planes `[3, height, width]` and `[2, height, width]`.
    private var pictures: [FloatBuffer] = []
    private var flows: [FloatBuffer] = []
    private var states: [KernelMap] = []
    /// What a stability guard keeps, and the shares by which it comes back, of one channel.
    private var heldStates: [Int: KernelMap] = [:]
    private var heldShares: [Int: KernelMap] = [:]
    /// The picture and the warped state that a trunk starts from.
    private let pictureMap: KernelMap
    private let warpedState: KernelMap
    private let trunkSources: UnsafeMutablePointer<vsr_source>
    /// One per branch.
    private let upsamplerSources: UnsafeMutableBufferPointer<UnsafePointer<vsr_map>?>
    /// Planes of an output frame whose pixels are to be interleaved.
    private var outputBytes: [UInt8] = []
    /// For pictures in luma and color differences.
    private let conversion: PooledYUVConversion

    var isReplaying = false

    var blueprint: Blueprint { network.blueprint }
    var timings: [LayerTiming] { clock.timings }

    func resetTimings() { clock.reset() }

    init(
        _ network: PackedNetwork, frameSize: FrameSize, threads: Int, isProfiled: Bool
    ) throws {
        self.network = network
        self.frameSize = frameSize
        pool = try KernelPool(threads: threads, instructionSets: network.instructionSets)
        conversion = PooledYUVConversion(pool: pool)
        clock = LayerClock(isEnabled: isProfiled)
        flowNetwork = try TunedFlowNetwork(network, size: frameSize)
        let width = network.blueprint.width
        pictureMap = try KernelMap(channels: Frame.channels, size: frameSize)
        warpedState = try KernelMap(channels: width, size: frameSize)
        trunkSources = .allocate(capacity: 2)
        trunkSources.initialize(to: pictureMap.source(Frame.channels))
        (trunkSources + 1).initialize(to: warpedState.source(width))
        upsamplerSources = .allocate(capacity: network.blueprint.branches.count)
        upsamplerSources.initialize(repeating: nil)
    }

    deinit {
        trunkSources.deallocate()
        upsamplerSources.deallocate()
    }

    var plannedBytes: Int? {
        let buffers = (pictures + flows).reduce(0) { $0 + $1.bytes }
        let held = Array(heldStates.values) + Array(heldShares.values)
        let maps = (states + held + [pictureMap, warpedState]).reduce(0) { $0 + $1.bytes }
        return buffers + maps + flowNetwork.bytes + outputBytes.count + conversion.bytes
    }

    func reserve(pictures: Int, flows: Int, states: Int) throws {
        while self.pictures.count < pictures {
            self.pictures.append(try FloatBuffer(count: Frame.channels * frameSize.area))
        }
        while self.flows.count < flows {
            self.flows.append(try FloatBuffer(count: 2 * frameSize.area))
        }
        while self.states.count < states {
            self.states.append(try KernelMap(channels: blueprint.width, size: frameSize))
        }
    }

    func load(_ source: PictureSource, picture: Int) {
        source.copyPlanes(to: pictures[picture].base, using: conversion)
        flowNetwork.forget(picture: picture)
    }

    func estimateFlow(reference: Int, supporting: Int, flow: Int) throws {
        if isReplaying { return }
        try flowNetwork.estimate(
            reference: reference, supporting: supporting, pictures: pictures, into: flows[flow],
            pool, clock)
    }

    func propagate(
        _ branch: Blueprint.Branch, picture: Int, from origin: StateOrigin?, state: Int
    ) throws {
        if isReplaying { return }
        guard let trunk = network.trunks[branch] else {
            throw VSRError(.invalidArgument, "the network has no \(branch.rawValue) branch")
        }
        try clock.measure("warp", of: .warp) {
            try pictureMap.load(pictures[picture].base, count: Frame.channels, at: 0, pool)
            if let origin {
                try check(
                    vsr_warp(
                        pool.pointer, map(at: origin).pointer, flows[origin.flow].base,
                        warpedState.pointer), "the warp of the hidden state")
            } else {
                warpedState.clear(pool)
            }
        }
        let output = states[state]
        try clock.measure(
            trunk.first.name, of: .trunk(branch), layer: trunk.first.role
        ) {
            try trunk.first.run(pool, trunkSources, count: 2, into: output)
        }
        for blocks in trunk.blocks {
            try clock.measure(blocks.name, of: .trunk(branch)) {
                try check(vsr_trunk_run(pool.pointer, blocks.pointer, output.pointer), blocks.name)
            }
        }
    }

    private func map(at origin: StateOrigin) -> KernelMap {
        origin.isHeld ? heldStates[origin.state] ?? states[0] : states[origin.state]
    }

    func upsample(picture: Int, states: [Int], into target: PictureTarget) throws {
        precondition(states.count == upsamplerSources.count, "branches have one state each")
        if isReplaying { return }
        for (index, state) in states.enumerated() {
            upsamplerSources[index] = UnsafePointer(self.states[state].pointer)
        }
        try clock.measure("upsampler", of: .upsampler) {
            switch target.storage {
            case .planarFloats(let base, let planeStride, let rowStride):
                try upsample(
                    picture,
                    vsr_image_output(
                        floats: base, bytes: nil, plane_stride: planeStride, row_stride: rowStride))
            case .planarBytes(let base, let planeStride, let rowStride):
                try upsample(
                    picture,
                    vsr_image_output(
                        floats: nil, bytes: base, plane_stride: planeStride, row_stride: rowStride))
            case .interleavedBytes(let base, let rowStride):
                try upsampleInterleaved(picture, base, rowStride: rowStride, size: target.size)
            case .yuv(let planes, let format):
                let rgb = try conversion.planes(of: target.size)
                try upsample(
                    picture,
                    vsr_image_output(
                        floats: rgb, bytes: nil, plane_stride: target.size.area,
                        row_stride: target.size.width))
                try conversion.encode(rgb, size: target.size, format, to: planes)
            }
        }
    }

    private func upsample(_ picture: Int, _ output: vsr_image_output) throws {
        try check(
            vsr_upsample_strips(
                pool.pointer, network.upsampler.pointer, upsamplerSources.baseAddress,
                Int32(upsamplerSources.count), pictures[picture].base, output), "the upsampler")
    }

    private func upsampleInterleaved(
        _ picture: Int, _ base: UnsafeMutablePointer<UInt8>, rowStride: Int, size: FrameSize
    ) throws {
        if outputBytes.count != Frame.channels * size.area {
            outputBytes = Array(repeating: 0, count: Frame.channels * size.area)
        }
        try outputBytes.withUnsafeMutableBufferPointer { buffer in
            guard let planes = buffer.baseAddress else { return }
            try upsample(
                picture,
                vsr_image_output(
                    floats: nil, bytes: planes, plane_stride: size.area, row_stride: size.width))
            for y in 0..<size.height {
                let row = base + y * rowStride
                let source = planes + y * size.width
                for x in 0..<size.width {
                    row[3 * x] = source[x]
                    row[3 * x + 1] = source[size.area + x]
                    row[3 * x + 2] = source[2 * size.area + x]
                }
            }
        }
    }

    func hiddenState(_ state: Int) throws -> FeatureMap { try features(of: states[state]) }

    private func features(of state: KernelMap) throws -> FeatureMap {
        var map = FeatureMap(channels: blueprint.width, size: frameSize)
        try map.samples.withUnsafeMutableBufferPointer { samples in
            guard let base = samples.baseAddress else { return }
            try state.store(blueprint.width, from: 0, to: base, pool)
        }
        return map
    }

    func flow(_ flow: Int) -> FeatureMap {
        FeatureMap(
            channels: 2, size: frameSize,
            samples: Array(UnsafeBufferPointer(start: flows[flow].base, count: flows[flow].count)))
    }

    func setFlow(_ map: FeatureMap, flow: Int) {
        flows[flow].base.update(from: map.samples, count: flows[flow].count)
    }
}

// What a stability guard needs.
extension TunedExecutor {
    func withPicture<Result>(
        _ picture: Int, _ body: (UnsafePointer<Float>) throws -> Result
    ) rethrows -> Result { try body(pictures[picture].base) }

    func hold(state: Int, as held: Int, in area: PixelArea) throws {
        if isReplaying { return }
        try heldMap(held).copy(area, of: states[state], pool)
    }

    /// A held state, made where there is none yet.
    private func heldMap(_ held: Int) throws -> KernelMap {
        if let map = heldStates[held] { return map }
        let map = try KernelMap(channels: blueprint.width, size: frameSize)
        heldStates[held] = map
        return map
    }

    func heldMaps() throws -> [Int: FeatureMap] { try heldStates.mapValues(features) }

    func set(_ place: StatePlace, to map: FeatureMap) throws {
        let target: KernelMap
        switch place {
        case .state(let slot): target = states[slot]
        case .held(let slot): target = try heldMap(slot)
        }
        try target.load(map.samples, count: map.channels, at: 0, pool)
    }

    func setShares(_ shares: [Float], slot: Int) throws {
        let map = try heldShares[slot] ?? KernelMap(channels: 1, size: frameSize)
        heldShares[slot] = map
        try map.load(shares, count: 1, at: 0, pool)
    }

    func copy(state: Int, to other: Int) throws {
        if isReplaying { return }
        let area = PixelArea(left: 0, right: frameSize.width, top: 0, bottom: frameSize.height)
        try states[other].copy(area, of: states[state], pool)
    }

    func blend(_ source: StatePlace, into state: StatePlace, shares: Int) throws {
        guard !isReplaying, let source = map(at: source), let map = map(at: state),
            let shares = heldShares[shares]
        else { return }
        try map.blend(source, by: shares, pool)
    }

    private func map(at place: StatePlace) -> KernelMap? {
        switch place {
        case .state(let slot): states[slot]
        case .held(let slot): heldStates[slot]
        }
    }

    func meanSquare(ofState state: Int, rowStep: Int) throws -> Double {
        try states[state].meanSquare(rowStep: rowStep)
    }
}
