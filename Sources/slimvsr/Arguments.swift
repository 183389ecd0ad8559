import ArgumentParser
import VSRCore
import VSRModel

extension FrameSize: ExpressibleByArgument {
    /// Sides of at most 100,000 pixels, beyond which costs would overflow rather than inform.
    public init?(argument: String) {
        guard let size = FrameSize(argument), max(size.width, size.height) <= 100_000 else {
            return nil
        }
        self = size
    }

    public var defaultValueDescription: String { description }
}

/// The flow network's width, by name.
enum FlowWidth: String, CaseIterable, ExpressibleByArgument {
    case full, half, quarter

    var network: Blueprint.FlowNetwork {
        switch self {
        case .full: .full
        case .half: .half
        case .quarter: .quarter
        }
    }
}
