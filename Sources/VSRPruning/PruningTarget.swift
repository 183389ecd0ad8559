import VSRCore
import VSRModel

/// How small a network is to become; costs leave the flow network out.
public enum PruningTarget: Sendable, Hashable {
    /// Removes this share of the units.
    case ratio(Double)
    /// Multiply-accumulates per frame.
    case macs(Int)
    case parameters(Int)
    /// Shares of what the network costs now.
    case macsFraction(Double)
    case parametersFraction(Double)
    /// Milliseconds per frame, everything included, as the model predicts them.
    case milliseconds(Double, LatencyModel)

    /// A count as people write it: `90G`, `1.5M`, `260000`; units K, M, G, T are powers of 1000.
    ///
    /// - Throws: `invalidArgument` quoting the text.
    public static func count(_ text: String) throws -> Int {
        let units: [Character: Double] = ["k": 1e3, "m": 1e6, "g": 1e9, "t": 1e12]
        let lowercase = text.lowercased()
        let factor = lowercase.last.flatMap { units[$0] }
        let digits = factor == nil ? lowercase : String(lowercase.dropLast())
        let isPlain = !digits.isEmpty && digits.allSatisfy { $0 == "." || ("0"..."9").contains($0) }
        guard isPlain, let number = Double(digits), number > 0,
            let count = Int(exactly: (number * (factor ?? 1)).rounded()), count > 0
        else {
            throw VSRError(
                .invalidArgument,
                "\"\(text)\" is not a valid count; write a positive number such as 90G, 1.5M or 260000"
            )
        }
        return count
    }

    /// The target of a step on the way: what a share of the whole reduction leads to.
    ///
    /// - Parameters:
    ///   - share: 0 for nothing removed, 1 for this target.
    ///   - blueprint: The network that the whole reduction starts from.
    ///   - size: The frame that multiply-accumulates are counted for.
    public func part(_ share: Double, of blueprint: Blueprint, at size: FrameSize) -> PruningTarget
    {
        func between(_ present: Double, _ goal: Double) -> Double {
            present - share * (present - goal)
        }
        let costs = blueprint.costs(at: size)
        return switch self {
        case .ratio(let ratio): .ratio(share * ratio)
        case .macs(let count):
            .macs(Int(between(Double(costs.macs), Double(count)).rounded(.down)))
        case .parameters(let count):
            .parameters(Int(between(Double(costs.parameters), Double(count)).rounded(.down)))
        case .macsFraction(let fraction): .macsFraction(between(1, fraction))
        case .parametersFraction(let fraction): .parametersFraction(between(1, fraction))
        case .milliseconds(let time, let model):
            .milliseconds(between(model.milliseconds(of: blueprint), time), model)
        }
    }

    /// - Throws: `invalidArgument` quoting the value.
    public func validate() throws {
        let isSensible =
            switch self {
            case .ratio(let share): (0...1).contains(share)
            case .macs(let count), .parameters(let count): count > 0
            case .macsFraction(let share), .parametersFraction(let share):
                share > 0 && share <= 1
            case .milliseconds(let time, _): time > 0 && time.isFinite
            }
        guard !isSensible else { return }
        throw VSRError(
            .invalidArgument,
            "the pruning target \(self) is not valid: ratios and fractions lie in 0...1, counts "
                + "and times are positive")
    }
}

extension PruningTarget: CustomStringConvertible {
    public var description: String {
        switch self {
        case .ratio(let share): "ratio \(share)"
        case .macs(let count): "\(count) MACs"
        case .parameters(let count): "\(count) parameters"
        case .macsFraction(let share): "\(share) of the MACs"
        case .parametersFraction(let share): "\(share) of the parameters"
        case .milliseconds(let time, _): "\(time) ms per frame"
        }
    }
}
