import Foundation
import VSRCore
import VSRModel

/// Writes networks as ONNX graphs, each of which computes one frame's step.
///
/// What becomes of a clip is the caller's loop: hidden states that a step gives go into the next.
/// An online network is one graph. One that needs the frames to come is two: the first gives the
/// states of the branches that go backward in time, the second the frames.
public struct OnnxExport: Sendable {
    /// How weights are stored; computation has 32 bits either way.
    public var storage = WeightStorage.float32
    /// The version of the program that writes.
    public var producerVersion: String

    public init(producerVersion: String) { self.producerVersion = producerVersion }

    /// A graph of a network.
    enum Part: String, CaseIterable {
        /// The hidden states of the branches that go backward in time.
        case backward
        /// The upscaled frame, with the hidden states of the branches that go forward in time.
        case frames
    }

    /// The longest file that readers of Protocol Buffers take.
    private static let greatestSize = Int(Int32.max)

    /// The key of the metadata for the version of the program that wrote a graph.
    static let versionKey = "slimvsr.version"
    /// The key of the metadata that says which part a graph is.
    static let partKey = "slimvsr.part"
    /// The key of the metadata that names the file of the part before.
    static let companionKey = "slimvsr.backward"

    /// The files that a network becomes, the one at `path` last.
    public static func files(of blueprint: Blueprint, at path: String) -> [String] {
        parts(of: blueprint).map { file(of: $0, at: path) }
    }

    /// Writes the graphs of a network; each file appears whole or not at all.
    ///
    /// - Returns: The files, that at `path` last.
    /// - Throws: `invalidArgument` for weights that half precision cannot hold, `unsupported` where a
    ///   graph is larger than an ONNX file may be, `notFound` or `shapeMismatch` for tensors that
    ///   lack or do not fit, `io`.
    @discardableResult
    public func write(_ model: Model, to path: String) throws -> [String] {
        try model.validate()
        let weights = model.tensors.values.reduce(0) { $0 + $1.values.count }
        let bytes = weights.multipliedReportingOverflow(by: storage == .float16 ? 2 : 4)
        guard !bytes.overflow, bytes.partialValue < Self.greatestSize - (64 << 20) else {
            throw VSRError(
                .unsupported,
                "\(path) would exceed the 2 GB of an ONNX file with \(weights) weights: prune the "
                    + "network, or store half precision by --half")
        }
        let parts = Self.parts(of: model.blueprint)
        let contents = try parts.map { part in
            (Self.file(of: part, at: path), try data(of: part, of: model, at: path))
        }
        // All are on disk before the first appears.
        let pending = try contents.map { file, data in
            let pending = try PendingFile(file)
            try AtomicFile.write(data, to: pending.temporaryPath)
            return pending
        }
        for file in pending { try file.commit() }
        return contents.map(\.0)
    }

    private func data(of part: Part, of model: Model, at path: String) throws -> Data {
        var metadata = model.metadata
        metadata[MetadataKey.blueprint] = try model.blueprint.json()
        metadata[Self.versionKey] = producerVersion
        metadata[Self.partKey] = part.rawValue
        if part == .frames, Self.parts(of: model.blueprint).contains(.backward) {
            metadata[Self.companionKey] =
                URL(fileURLWithPath: Self.file(of: .backward, at: path)).lastPathComponent
        }
        let graph = try graph(of: part, of: model)
        let onnx = OnnxModel(producerVersion: producerVersion, graph: graph, metadata: metadata)
        return Data(onnx.message.bytes)
    }

    private static func parts(of blueprint: Blueprint) -> [Part] {
        blueprint.needsFutureFrames ? [.backward, .frames] : [.frames]
    }

    /// `slim.onnx`, and `slim.backward.onnx` beside it.
    private static func file(of part: Part, at path: String) -> String {
        guard part == .backward else { return path }
        let ending = URL(fileURLWithPath: path).pathExtension
        guard !ending.isEmpty else { return "\(path).\(part.rawValue)" }
        return "\(path.dropLast(ending.count))\(part.rawValue).\(ending)"
    }
}

extension OnnxExport {
    /// Names of a graph's inputs and outputs.
    enum Name {
        static let frame = "frame"
        static let previous = "previous"
        static let next = "next"
        static let upscaled = "upscaled"

        static func state(_ branch: Blueprint.Branch) -> String { "\(branch.rawValue)_state" }
        static func newState(_ branch: Blueprint.Branch) -> String {
            "new_\(state(branch))"
        }
    }

    /// The graph of a part.
    func graph(of part: Part, of model: Model) throws -> OnnxGraph {
        let blueprint = model.blueprint
        var builder = OnnxGraphBuilder(
            name: part.rawValue, documentation: Self.documentation(of: part, of: blueprint),
            storage: storage)
        let picture = Self.shape(channels: Frame.channels)
        let state = Self.shape(channels: blueprint.width)
        let frame = builder.input(Name.frame, picture)
        let own = blueprint.branches.filter { $0.isCausal == (part == .frames) }
        var neighbor: String?
        if !own.isEmpty {
            neighbor = builder.input(part == .frames ? Name.previous : Name.next, picture)
        }
        var states = Dictionary(
            uniqueKeysWithValues: own.map { ($0, builder.input(Name.state($0), state)) })
        if part == .frames {
            for branch in blueprint.branches where !own.contains(branch) {
                states[branch] = builder.input(Name.state(branch), state)
            }
        }
        var network = NetworkGraph(model: model, frame: frame, builder: builder)
        if let neighbor {
            let flow = try network.flow(to: neighbor)
            for branch in own {
                guard let previous = states[branch] else { continue }
                let warped = network.warped(previous, by: flow, .zeros)
                states[branch] = try network.hiddenState(branch, warped: warped)
            }
        }
        if part == .frames {
            let upscaled = try network.upsampled(blueprint.branches.compactMap { states[$0] })
            network.builder.output(
                Name.upscaled, Self.shape(channels: Frame.channels, scale: blueprint.scale),
                from: upscaled)
        }
        for branch in own {
            guard let result = states[branch] else { continue }
            network.builder.output(Name.newState(branch), state, from: result)
        }
        return network.builder.graph
    }

    private static func shape(channels: Int, scale: Int = 1) -> [OnnxValue.Side] {
        let factor = scale == 1 ? "" : "\(scale)*"
        return [
            .fixed(1), .fixed(channels), .named("\(factor)height"), .named("\(factor)width"),
        ]
    }

    private static func documentation(of part: Part, of blueprint: Blueprint) -> String {
        let own = blueprint.branches.filter { $0.isCausal == (part == .frames) }
        let states = own.map { "\(Name.newState($0)) becomes \(Name.state($0))" }
            .joined(separator: ", ")
        let begin =
            own.isEmpty
            ? ""
            : " Of the next frame, \(states). States begin as zeros, with the frame as its own "
                + "neighbor."
        let order = part == .frames ? "first to last" : "last to first"
        return "A step of a network that upscales videos by \(blueprint.scale): frames \(order), "
            + "RGB from 0 to 1.\(begin)"
    }
}
