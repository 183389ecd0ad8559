import VSRCore

extension Blueprint {
    /// The published networks, by name.
    public enum Preset: String, Sendable, CaseIterable {
        case basicVSR = "basicvsr"
        case basicVSRUni = "basicvsr-uni"
        case basicVSRLite = "basicvsr-lite"
        case basicVSRUniLite = "basicvsr-uni-lite"

        public var direction: Direction {
            self == .basicVSR || self == .basicVSRLite ? .bidirectional : .unidirectional
        }

        /// Channels of trunk and high-resolution layers.
        public var width: Int { self == .basicVSR || self == .basicVSRUni ? 64 : 32 }

        /// The network, optionally with another width, depth, scale or flow network.
        ///
        /// - Throws: `invalidArgument` where these are out of bounds.
        public func blueprint(
            width: Int? = nil, blocks: Int = 30, scale: Int = 4, flow: FlowNetwork = .full
        ) throws -> Blueprint {
            let width = width ?? self.width
            guard (1...Limit.width).contains(width), (0...Limit.blocks).contains(blocks) else {
                throw VSRError(
                    .invalidArgument,
                    "a network of width \(width) with \(blocks) blocks is out of bounds: width "
                        + "must be in 1...\(Limit.width), blocks in 0...\(Limit.blocks)")
            }
            let blueprint = Blueprint(
                direction: direction, width: width, blocks: blocks, scale: scale, flow: flow)
            try blueprint.validate()
            return blueprint
        }
    }

    /// The published network of that name.
    ///
    /// - Throws: `notFound` listing the names.
    public static func preset(named name: String) throws -> Preset {
        guard let preset = Preset(rawValue: name.lowercased()) else {
            let known = Preset.allCases.map(\.rawValue).joined(separator: ", ")
            throw VSRError(.notFound, "there is no network named \(name); known are \(known)")
        }
        return preset
    }
}
