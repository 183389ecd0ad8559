import VSRCore
import VSRModel

/// A network's steps by plain C kernels.
final class ReferenceExecutor: NetworkExecutor {
    let network: ReferenceNetwork
    let frameSize: FrameSize
    private var pictures: [Frame] = []
    private var flows: [FeatureMap] = []
    private var states: [FeatureMap] = []
    private let conversion = PictureConversion()

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
        flows[flow] = try network.flow(
            reference: pictures[reference], supporting: pictures[supporting])
    }

    func propagate(
        _ branch: Blueprint.Branch, picture: Int, from origin: StateOrigin?, state: Int
    ) throws {
        states[state] = try network.hiddenState(
            branch, frame: pictures[picture], previous: origin.map { states[$0.state] },
            flow: origin.map { flows[$0.flow] })
    }

    func upsample(picture: Int, states: StateSlots, into target: PictureTarget) throws {
        try target.store(
            try network.upsampled(
                pictures[picture],
                states: [states.backward, states.forward].compactMap { $0 }.map { self.states[$0] }),
            using: conversion)
    }

    func hiddenState(_ state: Int) -> FeatureMap { states[state] }

    func flow(_ flow: Int) -> FeatureMap { flows[flow] }

    func setFlow(_ map: FeatureMap, flow: Int) { flows[flow] = map }
}
