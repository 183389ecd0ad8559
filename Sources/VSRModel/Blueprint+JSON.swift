import Foundation
import VSRCore

/// The compact form that model files hold. A branch of dense blocks is their number; any other is
/// a list of blocks with the indices they keep:
///
///     {"direction": "uni", "scale": 4, "width": 4, "negativeSlope": 0.1, "forward":
///      [{"inputs": "0-1,3", "middle": 2, "outputs": "0-3"}], "upsampler": {"upconv1": 4,
///      "upconv2": 3, "conv_hr": 4}, "flow": {"widths": [8, 16, 8, 4], "levels": 6}}
///
/// The direction is `uni`, `bi`, or the names of other branches in layer order:
/// `backward+forward+forward2`. A branch's key is its name; keys of branches that the direction lacks
/// are left out.
///
/// What BasicVSR lacks has keys that are left out for BasicVSR: `upsampler.factors`, one for each of
/// the upsampler's convolutions in their order, where they are not one or two of factor 2 and then
/// one of factor 1, and `flow.kernels`, one for each convolution where not all five are 7. Where the
/// only factor 1 is the last, it is left out. So is a `flow.reduction` of 1.
extension Blueprint {
    /// Reads the compact form and validates it.
    ///
    /// - Throws: `corruptData` or `invalidArgument` naming the key.
    public init(json: String) throws {
        do {
            self = try JSONDecoder().decode(Blueprint.self, from: Data(json.utf8))
        } catch let error as DecodingError {
            throw VSRError(.corruptData, "the blueprint's JSON: \(error.explanation())")
        }
        try validate()
    }

    /// The compact form, the same text for equal blueprints.
    ///
    /// - Throws: `invalidArgument` where the blueprint is not valid.
    public func json() throws -> String {
        try validate()
        return try JSONText.text(self, .compact)
    }

    enum CodingKeys: String, CodingKey, CaseIterable {
        case direction, scale, width, negativeSlope, upsampler, flow
    }

    public init(from decoder: any Decoder) throws {
        try decoder.refuseUnknownKeys(CodingKeys.self, besides: BranchKey.all)
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let width = try container.decodeInteger(forKey: .width)
        guard (1...Limit.width).contains(width) else {
            throw DecodingError.dataCorruptedError(
                forKey: .width, in: container,
                debugDescription: "\(width) is not in 1...\(Limit.width)")
        }
        let direction = try container.decode(Direction.self, forKey: .direction)
        self.init(
            direction: direction, width: width, blocks: 0,
            scale: try container.decodeInteger(forKey: .scale),
            activation: try Activation(in: container),
            flow: try container.decode(FlowNetwork.self, forKey: .flow))
        upsampler = try container.decode(Upsampler.self, forKey: .upsampler)
        let lists = try decoder.container(keyedBy: BranchKey.self)
        for branch in Branch.allCases {
            let list =
                branches.contains(branch)
                ? try lists.decode(BlockList.self, forKey: BranchKey(branch))
                : try lists.decodeIfPresent(BlockList.self, forKey: BranchKey(branch))
            self[branch] = list?.blocks(width: width) ?? []
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(direction, forKey: .direction)
        try container.encode(scale, forKey: .scale)
        try container.encode(width, forKey: .width)
        try activation.encode(into: &container)
        try container.encode(upsampler, forKey: .upsampler)
        try container.encode(flow, forKey: .flow)
        var lists = encoder.container(keyedBy: BranchKey.self)
        for branch in branches {
            try lists.encode(BlockList(self[branch], width: width), forKey: BranchKey(branch))
        }
    }
}

extension Blueprint.ResidualBlock {
    private enum CodingKeys: String, CodingKey, CaseIterable { case inputs, middle, outputs }

    public init(from decoder: any Decoder) throws {
        try decoder.refuseUnknownKeys(CodingKeys.self)
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            keptInputs: try container.decode(IndexList.self, forKey: .inputs).indices,
            middleWidth: try container.decodeInteger(forKey: .middle),
            keptOutputs: try container.decode(IndexList.self, forKey: .outputs).indices)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(IndexList(keptInputs), forKey: .inputs)
        try container.encode(middleWidth, forKey: .middle)
        try container.encode(IndexList(keptOutputs), forKey: .outputs)
    }
}

extension Blueprint.Upsampler {
    private static let basicVSR = Blueprint.Upsampler(inputWidth: 0, width: 0, scale: 4)

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: UpsamplerKey.self)
        let given = container.allKeys.compactMap(\.unit)
        let factors: [Int]
        if let listed = try container.decodeIfPresent([Int].self, forKey: .factors) {
            let omitsRefinement = !listed.contains(1) && given.contains(.refinement(0))
            factors = listed + (omitsRefinement ? [1] : [])
            guard factors.count == given.count else {
                throw DecodingError.dataCorruptedError(
                    forKey: .factors, in: container,
                    debugDescription: "\(listed.count.counted("factor")) found for "
                        + (given.count - (omitsRefinement ? 1 : 0)).counted("convolution"))
            }
        } else {
            try decoder.refuseUnknownKeys(UpsamplerKey.self, besides: Self.basicVSR.keys)
            factors = given.contains(.upconvolution(1)) ? [2, 2, 1] : [2, 1]
        }
        self.init(convolutions: factors.map { Convolution(factor: $0, width: 0) })
        try decoder.refuseUnknownKeys(UpsamplerKey.self, besides: keys)
        for (index, key) in keys.enumerated() {
            convolutions[index].width = try container.decodeInteger(forKey: key)
        }
    }

    /// Written out: a synthesized one, in the type's own file, crashes unoptimized builds of Swift
    /// 6.3 over the keys that are private here.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: UpsamplerKey.self)
        for (key, convolution) in zip(keys, convolutions) {
            try container.encode(convolution.width, forKey: key)
        }
        let factors = convolutions.map(\.factor)
        if factors == [2, 2, 1] || factors == [2, 1] { return }
        let omitsRefinement = factors.firstIndex(of: 1) == factors.count - 1
        try container.encode(
            omitsRefinement ? Array(factors.dropLast()) : factors, forKey: .factors)
    }

    private var keys: [UpsamplerKey] { units.map { .width($0) } }
}

/// The key of a convolution's width, which is the layer's name, or of all factors.
private enum UpsamplerKey: CodingKey, CaseIterable {
    case factors
    case width(UnitGroup.UpsamplerUnit)

    /// Those that are the same for all upsamplers.
    static let allCases: [UpsamplerKey] = [.factors]

    init?(stringValue: String) {
        if stringValue == "factors" {
            self = .factors
        } else if let unit = Layer.Role(name: stringValue)
            .flatMap(UnitGroup.UpsamplerUnit.init)
        {
            self = .width(unit)
        } else {
            return nil
        }
    }

    init?(intValue: Int) { nil }

    var stringValue: String {
        switch self {
        case .factors: "factors"
        case .width(let unit): unit.role.name
        }
    }

    var intValue: Int? { nil }

    var unit: UnitGroup.UpsamplerUnit? {
        if case .width(let unit) = self { return unit }
        return nil
    }
}

extension Blueprint.FlowNetwork {
    private enum CodingKeys: String, CodingKey, CaseIterable {
        case widths, levels, kernels, reduction
    }

    public init(from decoder: any Decoder) throws {
        try decoder.refuseUnknownKeys(CodingKeys.self)
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            widths: try container.decode([Int].self, forKey: .widths),
            levels: try container.decodeInteger(forKey: .levels),
            kernelSizes: try container.decodeIfPresent([Int].self, forKey: .kernels)
                ?? Self.publishedKernelSizes,
            reduction: try container.contains(.reduction)
                ? container.decodeInteger(forKey: .reduction) : 1)
    }

    /// Written out for the same reason as the upsampler's.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(widths, forKey: .widths)
        try container.encode(levels, forKey: .levels)
        if kernelSizes != Self.publishedKernelSizes {
            try container.encode(kernelSizes, forKey: .kernels)
        }
        if reduction != 1 { try container.encode(reduction, forKey: .reduction) }
    }
}

/// The blocks of one branch: how many dense ones, or each block.
private enum BlockList: Codable {
    case dense(Int)
    case listed([Blueprint.ResidualBlock])

    init(_ blocks: [Blueprint.ResidualBlock], width: Int) {
        let dense = Blueprint.ResidualBlock(width: width)
        self = blocks.allSatisfy { $0 == dense } ? .dense(blocks.count) : .listed(blocks)
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let count = try? container.decode(Int.self) else {
            self = .listed(try Self.listed(decoder))
            return
        }
        guard (0...Blueprint.Limit.blocks).contains(count) else {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "\(count) blocks are not in 0...\(Blueprint.Limit.blocks)")
        }
        self = .dense(count)
    }

    /// Stops at the limit, since 50 bytes of text may stand for 16 KB of indices.
    private static func listed(_ decoder: any Decoder) throws -> [Blueprint.ResidualBlock] {
        var container = try decoder.unkeyedContainer()
        var blocks: [Blueprint.ResidualBlock] = []
        while !container.isAtEnd {
            guard blocks.count < Blueprint.Limit.blocks else {
                throw DecodingError.dataCorruptedError(
                    in: container,
                    debugDescription: "there are more than \(Blueprint.Limit.blocks) blocks")
            }
            blocks.append(try container.decode(Blueprint.ResidualBlock.self))
        }
        return blocks
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .dense(let count): try container.encode(count)
        case .listed(let blocks): try container.encode(blocks)
        }
    }

    func blocks(width: Int) -> [Blueprint.ResidualBlock] {
        switch self {
        case .dense(let count):
            Array(repeating: Blueprint.ResidualBlock(width: width), count: count)
        case .listed(let blocks): blocks
        }
    }
}
