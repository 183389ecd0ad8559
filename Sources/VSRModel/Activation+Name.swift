extension Activation: CustomStringConvertible {
    /// Reads the name that a user gives: `relu`, `leaky-relu` (slope 0.1), or a slope from 0 to 1;
    /// `nil` for anything else.
    public init?(_ text: String) {
        switch text.lowercased() {
        case "relu": self = .relu
        case "leaky-relu", "leaky_relu", "lrelu", "leakyrelu": self = .basicVSR
        default:
            guard let slope = Float(text), (0...1).contains(slope) else { return nil }
            self = .leakyReLU(negativeSlope: slope)
        }
    }

    public var description: String {
        switch self {
        case .leakyReLU(0): "ReLU"
        case .leakyReLU(let slope): "leaky ReLU of slope \(slope)"
        }
    }
}
