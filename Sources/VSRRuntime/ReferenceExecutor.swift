import VSRCore
import VSRModel

/// A network's steps by plain C kernels.
final class ReferenceExecutor: NetworkExecutor {
    let network: ReferenceNetwork
    let frameSize: FrameSize
    private var pictures: [Frame] = []
    private var flows: [FeatureMap] = []
    private var states: [FeatureMap] = []
    private var heldStates: [Int: FeatureMap] = [:]
    private var heldShares: [Int: [Float]] = [:]
    private let conversion = PooledYUVConversion()

    var isReplaying = false

    var blueprint: Blueprint { network.blueprint }

    init(network: ReferenceNetwork, frameSize: FrameSize) {
        self.network = network
        self.frameSize = frameSize
    }

    func reserve(pictures: Int, flows: Int, states: Int) {
        while self.pictures.count < pictures { self.pictures.append(Frame(size: frameSize)) }
        while self.flows.count < flows {
            self.flows.append(FeatureMap(channels: 2, size: frameSize))
        }
        while self.states.count < states {
            self.states.append(FeatureMap(channels: blueprint.width, size: frameSize))
        }
    }

    func load(_ source: PictureSource, picture: Int) {
        pictures[picture].samples.withUnsafeMutableBufferPointer { planes in
            if let base = planes.baseAddress { source.copyPlanes(to: base, using: conversion) }
        }
    }

    func estimateFlow(reference: Int, supporting: Int, flow: Int) throws {
        if isReplaying { return }
        flows[flow] = try network.flow(
            reference: pictures[reference], supporting: pictures[supporting])
    }

    func propagate(
        _ branch: Blueprint.Branch, picture: Int, from origin: StateOrigin?, state: Int
    ) throws {
        if isReplaying { return }
        states[state] = try network.hiddenState(
            branch, frame: pictures[picture], previous: origin.flatMap(self.state),
            flow: origin.map { flows[$0.flow] })
    }

    func upsample(picture: Int, states: [Int], into target: PictureTarget) throws {
        if isReplaying { return }
        try target.store(
            try network.upsampled(
                pictures[picture], states: states.map { self.states[$0] }),
            using: conversion)
    }

    private func state(at origin: StateOrigin) -> FeatureMap? {
        origin.isHeld ? heldStates[origin.state] : states[origin.state]
    }

    func hiddenState(_ state: Int) -> FeatureMap { states[state] }

    func flow(_ flow: Int) -> FeatureMap { flows[flow] }

    func setFlow(_ map: FeatureMap, flow: Int) { flows[flow] = map }

    func withPicture<Result>(
        _ picture: Int, _ body: (UnsafePointer<Float>) throws -> Result
    ) rethrows -> Result {
        try pictures[picture].samples.withUnsafeBufferPointer { planes in
            guard let base = planes.baseAddress else { preconditionFailure("pictures have pixels") }
            return try body(base)
        }
    }

    func hold(state: Int, as held: Int, in area: PixelArea) {
        if isReplaying { return }
        let source = states[state]
        var map = heldStates[held] ?? FeatureMap(channels: source.channels, size: source.size)
        for channel in 0..<source.channels {
            for y in area.top..<area.bottom {
                let row = (channel * source.size.height + y) * source.size.width
                for x in row + area.left..<row + area.right { map.samples[x] = source.samples[x] }
            }
        }
        heldStates[held] = map
    }

    func heldMaps() -> [Int: FeatureMap] { heldStates }

    func set(_ place: StatePlace, to map: FeatureMap) {
        switch place {
        case .state(let slot): states[slot] = map
        case .held(let slot): heldStates[slot] = map
        }
    }

    func setShares(_ shares: [Float], slot: Int) { heldShares[slot] = shares }

    func copy(state: Int, to other: Int) {
        if !isReplaying { states[other] = states[state] }
    }

    func blend(_ source: StatePlace, into state: StatePlace, shares: Int) {
        guard !isReplaying, let source = map(at: source), var result = map(at: state),
            let shares = heldShares[shares]
        else { return }
        for index in source.samples.indices {
            let share = shares[index % frameSize.area]
            let value = result.samples[index]
            guard share > 0 else { continue }
            result.samples[index] =
                share == 1
                ? source.samples[index] : value + share * (source.samples[index] - value)
        }
        switch state {
        case .state(let slot): states[slot] = result
        case .held(let slot): heldStates[slot] = result
        }
    }

    private func map(at place: StatePlace) -> FeatureMap? {
        switch place {
        case .state(let slot): states[slot]
        case .held(let slot): heldStates[slot]
        }
    }

    func meanSquare(ofState state: Int, rowStep: Int) -> Double {
        let map = states[state]
        var sum = 0.0
        var count = 0
        for channel in 0..<map.channels {
            let rows = stride(
                from: min(rowStep / 2, map.size.height - 1), to: map.size.height, by: rowStep)
            for y in rows {
                let start = (channel * map.size.height + y) * map.size.width
                for index in start..<start + map.size.width {
                    sum += Double(map.samples[index]) * Double(map.samples[index])
                }
                count += map.size.width
            }
        }
        return count > 0 ? sum / Double(count) : 0
    }
}
