import Foundation
import VSRCore
import VSRModel

/// What a network consists of and costs, ready to be printed or kept as JSON.
public struct Inspection: Sendable, Codable, Equatable {
    /// The parts that layers are counted by.
    public enum PartKind: Sendable, Hashable, CaseIterable, TextCodable {
        case trunk(Blueprint.Branch)
        case upsampler
        /// The flow network, all of its levels.
        case flow

        public static let noun = "a part of a network"

        public static let allCases =
            Blueprint.Branch.allCases.map(PartKind.trunk) + [.upsampler, .flow]

        public init(_ part: Layer.Part) {
            switch part {
            case .trunk(let branch): self = .trunk(branch)
            case .upsampler: self = .upsampler
            case .flow: self = .flow
            }
        }

        public init?(_ description: String) {
            guard let kind = Self.allCases.first(where: { $0.description == description }) else {
                return nil
            }
            self = kind
        }

        /// As tables call it: `forward trunk`.
        public var description: String {
            switch self {
            case .trunk(let branch): "\(branch.rawValue) trunk"
            case .upsampler: "upsampler"
            case .flow: "flow network"
            }
        }
    }

    /// A trunk, the upsampler or the flow network.
    public struct Part: Sendable, Codable, Equatable {
        public var kind: PartKind
        public var layers: Int
        /// Prunable units.
        public var units: Int
        public var macs: Int
        public var parameters: Int

        enum CodingKeys: String, CodingKey {
            case kind = "name"
            case layers, units, macs, parameters
        }
    }

    /// A convolution; `macs` of the flow network's count all directions.
    public struct LayerRow: Sendable, Codable, Equatable {
        public var name: String
        public var part: PartKind
        public var inputs: Int
        public var outputs: Int
        public var kernelSize: Int
        /// The size of its output.
        public var size: FrameSize
        public var macs: Int
        public var parameters: Int
    }

    /// The name or file that was inspected.
    public var name: String
    public var direction: Blueprint.Direction
    public var scale: Int
    public var width: Int
    /// Residual blocks per branch.
    public var blocks: Int
    /// What follows convolutions outside residual blocks and flow network.
    public var activation: Activation
    public var flowWidths: [Int]
    public var flowLevels: Int
    /// How many times smaller than the frame the flow network's finest level is.
    public var flowReduction: Int
    /// The low-resolution frame that the counts hold for.
    public var frameSize: FrameSize
    public var units: Int
    public var macs: Int
    public var macsWithFlow: Int
    public var parameters: Int
    public var parametersWithFlow: Int
    public var parts: [Part]
    public var layers: [LayerRow]
    public var metadata: [String: String]
    /// What was assumed or left out on reading a file of another project, a sentence each.
    public var remarks: [String]

    public init(
        _ blueprint: Blueprint, name: String, metadata: [String: String] = [:],
        remarks: [String] = [],
        frameSize: FrameSize = Blueprint.referenceFrameSize
    ) {
        let costs = blueprint.costs(at: frameSize)
        self.name = name
        direction = blueprint.direction
        scale = blueprint.scale
        width = blueprint.width
        blocks = blueprint.blocksPerBranch
        activation = blueprint.activation
        flowWidths = blueprint.flow.widths
        flowLevels = blueprint.flow.levels
        flowReduction = blueprint.flow.reduction
        self.frameSize = frameSize
        units = blueprint.unitCount
        macs = costs.macs
        macsWithFlow = costs.macsWithFlow
        parameters = costs.parameters
        parametersWithFlow = costs.parametersWithFlow
        let rows = costs.layers.map { LayerRow($0, flowDirections: costs.flowDirections) }
        layers = rows
        parts = (blueprint.branches.map(PartKind.trunk) + [.upsampler, .flow]).map { kind in
            let own = rows.filter { $0.part == kind }
            let prunable = blueprint.unitGroups.filter { PartKind($0.part) == kind }
            return Part(
                kind: kind, layers: own.count,
                units: prunable.reduce(0) { $0 + blueprint.unitCount(of: $1) },
                macs: Self.sum(own.map(\.macs)), parameters: Self.sum(own.map(\.parameters)))
        }
        self.metadata = metadata
        self.remarks = remarks
    }

    /// Inspects a model, by file or name, or a published network.
    ///
    /// - Parameters:
    ///   - name: `basicvsr`, `basicvsr-uni` and kin, a name of a bundled or fetched
    ///     model, or a path, see ``ModelReference``.
    ///   - shape: Changes to a published network's shape; not for files, which have theirs.
    ///   - foreign: What is said of a file of another project.
    /// - Throws: `notFound` and what reading the file throws; `invalidArgument` for a `shape`
    ///   or for what is said where it does not apply.
    public init(
        of name: String, shape: Shape = Shape(), foreign: ForeignModelOptions? = nil,
        frameSize: FrameSize = Blueprint.referenceFrameSize
    ) throws {
        if let preset = Blueprint.Preset(rawValue: name.lowercased()) {
            try foreign?.refuse(for: name, kind: "a published network without a file")
            let blueprint = try preset.blueprint(
                width: shape.width, blocks: shape.blocks ?? 30, scale: shape.scale ?? 4,
                flow: shape.flow ?? .full)
            self.init(blueprint, name: name, frameSize: frameSize)
            return
        }
        guard shape == Shape() else {
            throw VSRError(
                .invalidArgument,
                "\(name) is a model, whose shape is fixed: width, blocks, scale and flow can "
                    + "be chosen for \(Self.presetNames) only")
        }
        let loaded: ModelReference.Loaded
        do {
            loaded = try ModelReference(name, foreign: foreign).load()
        } catch let error as VSRError
            where error.code == .notFound && !ModelCatalog.fetchableNames.contains(name)
        {
            throw VSRError(
                .notFound, "\(error.message); the published networks are \(Self.presetNames)")
        }
        self.init(
            loaded.model.blueprint, name: name, metadata: loaded.model.metadata,
            remarks: loaded.remarks, frameSize: frameSize)
    }

    /// Changes to a published network's shape; `nil` leaves what was published.
    public struct Shape: Sendable, Equatable {
        public var width: Int?
        public var blocks: Int?
        public var scale: Int?
        public var flow: Blueprint.FlowNetwork?

        public init(
            width: Int? = nil, blocks: Int? = nil, scale: Int? = nil,
            flow: Blueprint.FlowNetwork? = nil
        ) {
            self.width = width
            self.blocks = blocks
            self.scale = scale
            self.flow = flow
        }
    }

    private static var presetNames: String {
        Blueprint.Preset.allCases.map(\.rawValue).joined(separator: ", ")
    }

    /// Frame sizes are a user's choice, so counts may pass the largest integer; they stay there.
    private static func sum(_ values: [Int]) -> Int {
        values.reduce(0) { total, value in
            let (sum, overflow) = total.addingReportingOverflow(value)
            return overflow ? .max : sum
        }
    }
}

extension Inspection.LayerRow {
    init(_ cost: Costs.LayerCost, flowDirections: Int) {
        let repeats = cost.layer.isFlow ? flowDirections : 1
        let (macs, overflow) = cost.macs.multipliedReportingOverflow(by: repeats)
        self.init(
            name: cost.layer.name, part: .init(cost.layer.part), inputs: cost.layer.inputs,
            outputs: cost.layer.outputs, kernelSize: cost.layer.kernelSize, size: cost.size,
            macs: overflow ? .max : macs, parameters: cost.parameters)
    }
}
