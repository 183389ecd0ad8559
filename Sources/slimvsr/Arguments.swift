import ArgumentParser
import VSRCore
import VSRModel

extension FrameSize: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }

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
