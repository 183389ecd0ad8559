import VSRCore

/// Reads dense networks of other projects.
public enum ModelImport {
    /// What a user may know of a file that it does not tell itself.
    public struct Options: Sendable, Hashable {
        /// The prefix of the network's tensor names; `nil` to find it.
        public var prefix: String?
        /// The activation that the network was trained with; `nil` for BasicVSR's.
        public var activation: Activation?
        /// The command that lets a user say these things, for errors and remarks; `nil` where the
        /// user's own command does.
        public var command: String?

        public init(
            prefix: String? = nil, activation: Activation? = nil,
            command: String? = ModelImport.command
        ) {
            self.prefix = prefix
            self.activation = activation
            self.command = command
        }

        /// What to do where a file holds several networks, to follow a colon.
        var choice: String {
            command.map { "make a model file of one with \($0) --prefix" }
                ?? "choose one with --prefix"
        }
    }

    /// The command that makes model files of such networks.
    public static let command = "slimvsr import"

    /// A network of another project, and how it was read.
    public struct Outcome: Sendable {
        public var model: Model
        /// The project whose tensor names the file has: `BasicSR` or `mmagic`.
        public var project: String
        /// What precedes these names in the file, without the last dot; empty for nothing.
        public var prefix: String
        public var activation: Activation
        /// Whether the activation is an assumption, since nobody named one.
        public var assumesActivation: Bool
        /// What was chosen or left out, a sentence each.
        public var remarks: [String]
    }

    /// Reads BasicVSR's weights, uni- or bidirectional, from a safetensors file or a PyTorch
    /// checkpoint of BasicSR or mmagic; the architecture follows from their shapes.
    ///
    /// - Parameter activation: Outside of the residual blocks, which no such file tells.
    /// - Throws: As ``outcome(of:options:)``.
    public static func read(
        _ path: String, activation: Activation = .basicVSR
    ) throws -> Model {
        try outcome(of: path, options: Options(activation: activation)).model
    }

    /// Reads the same, and says how.
    ///
    /// - Throws: `notFound`, `io`, `corruptData`, `shapeMismatch` or `unsupported` naming file and
    ///   tensor; `invalidArgument` where the file holds several networks, naming their prefixes.
    public static func outcome(of path: String, options: Options = Options()) throws -> Outcome {
        let source = try WeightsFile.open(path)
        let network = try ForeignNames.network(
            in: source, prefix: options.prefix, choice: options.choice)
        let activation = options.activation ?? .basicVSR
        let location = network.location
        let taken = NetworkLocation.quoted(location.prefix)
        var remarks: [String] = []
        if !location.alternatives.isEmpty {
            let others = NetworkLocation.listed(location.alternatives)
            remarks.append("took the network under \(taken), not under \(others)")
        }
        if let omission = location.omission { remarks.append(omission) }
        return Outcome(
            model: try model(network.names, activation, source), project: network.project.rawValue,
            prefix: String(location.prefix.dropLast()), activation: activation,
            assumesActivation: options.activation == nil, remarks: remarks)
    }

    private static func model(
        _ names: [String: String], _ activation: Activation, _ source: any TensorSource
    ) throws -> Model {
        let path = source.path
        let shapes = names.compactMapValues { source.shape(of: $0) }
        let blueprint = try blueprint(shapes: shapes, activation, path)
        let known = Set(blueprint.tensorShapes.keys.map(\.name))
        if let extra = names.keys.filter({ !known.contains($0) }).min() {
            throw VSRError(
                .unsupported,
                "\(path) has a tensor \(names[extra] ?? extra), which BasicVSR does not have; "
                    + "variants of it cannot be imported")
        }
        let tensors = try FlowWeights.tensors(of: blueprint.layers, names, in: source)
        return Model(
            blueprint: blueprint, tensors: tensors,
            metadata: [MetadataKey.flowOrigin: "pretrained"])
    }

    private static func blueprint(
        shapes: [String: [Int]], _ activation: Activation, _ path: String
    ) throws -> Blueprint {
        func outputs(_ role: Layer.Role) -> Int? { shapes[TensorKey.weight(role).name]?.first }
        guard let width = outputs(.fusion), let first = outputs(.upconvolution(0)),
            let refinement = outputs(.refinement(0)), (1...Blueprint.Limit.width).contains(width)
        else {
            throw VSRError(
                .unsupported,
                "\(path) lacks the fusion, upconv1 or conv_hr of a BasicVSR of at most "
                    + "\(Blueprint.Limit.width) channels")
        }
        let branches = Set(Blueprint.Branch.allCases.filter { outputs(.first($0)) != nil })
        let direction = Blueprint.Direction.allCases.first { branches.isSubset(of: $0.branches) }
        let second = outputs(.upconvolution(1))
        var blueprint = Blueprint(
            direction: direction ?? .bidirectional, width: width, blocks: 0,
            scale: second == nil ? 2 : 4,
            activation: activation,
            flow: try FlowWeights.network(shapes: shapes, path: path))
        for branch in blueprint.branches {
            while blueprint[branch].count < Blueprint.Limit.blocks,
                let middle = outputs(.block(branch, blueprint[branch].count, .first))
            {
                var block = Blueprint.ResidualBlock(width: width)
                block.middleWidth = middle
                blueprint[branch].append(block)
            }
        }
        blueprint.upsampler = .init(
            widths: [first, second].compactMap { $0.map { $0 / 4 } },
            refinementWidths: [refinement])
        do {
            try blueprint.validate()
        } catch let error as VSRError {
            throw VSRError(.unsupported, "\(path) is not a BasicVSR: \(error.message)")
        }
        return blueprint
    }
}
