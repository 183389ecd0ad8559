import VSRCore
import VSRModel

/// A part of a network that pruning can be told to leave as it is.
public enum PrunablePart: String, Sendable, Hashable, NamedChoice {
    /// The blocks of all branches; in an aligned structure also the width of the hidden state.
    case trunk
    /// The blocks of one branch, under its name.
    case backward, forward
    /// The pixel-shuffle convolutions and the refinement.
    case upsampler
    /// One layer of the upsampler, under its name in files.
    case upconv1, upconv2
    case refinement = "conv_hr"

    /// The branch that the part is; `nil` for other parts.
    var branch: Blueprint.Branch? { Blueprint.Branch(rawValue: rawValue) }

    /// The layer that the part is; `nil` for parts of several.
    private var role: Layer.Role? {
        switch self {
        case .upconv1: .upconvolution(0)
        case .upconv2: .upconvolution(1)
        case .refinement: .refinement
        case .trunk, .backward, .forward, .upsampler: nil
        }
    }

    func contains(_ layer: PrunableLayer) -> Bool {
        switch layer {
        case .block(let branch, _, _): self == .trunk || self.branch == branch
        case .upsampler(let unit): contains(unit)
        }
    }

    func contains(_ group: AlignedGroup) -> Bool {
        switch group {
        case .trunk, .fusion, .middle: self == .trunk
        case .upsampler(let unit): contains(unit)
        }
    }

    private func contains(_ unit: PrunableLayer.UpsamplerUnit) -> Bool {
        self == .upsampler || role == unit.role
    }
}

extension Blueprint {
    /// Checks that every part has units in this network, and that they are not all units.
    ///
    /// - Throws: `invalidArgument` naming the part.
    func requireParts(_ parts: [PrunablePart]) throws {
        let layers = prunableLayers
        for part in parts where !layers.contains(where: part.contains) {
            throw VSRError(
                .invalidArgument,
                "exclude names \(part.rawValue), which has no units in this network; leave it out")
        }
        guard layers.allSatisfy({ layer in parts.contains { $0.contains(layer) } }) else { return }
        throw VSRError(
            .invalidArgument,
            "exclude names \(parts.map(\.rawValue).joined(separator: " and ")), so that no units "
                + "are left to prune; leave one of them out")
    }
}
