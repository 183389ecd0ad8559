extension Activation: CustomStringConvertible {
    /// What ``init(_:)`` takes, to follow "it must be".
    public static let permittedNames = "leaky-relu, relu, or a slope from 0 to 1"

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

/// As settings have it: a name, or a slope as a number. Model files have a form of their own
/// (`init(in:)`).
extension Activation: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let slope = try? container.decode(Float.self) {
            self = .leakyReLU(negativeSlope: slope)
            return
        }
        guard let text = try? container.decode(String.self), let activation = Activation(text)
        else {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "an activation is \(Self.permittedNames)")
        }
        self = activation
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .relu: try container.encode("relu")
        case .basicVSR: try container.encode("leaky-relu")
        case .leakyReLU(let slope): try container.encode(slope)
        }
    }
}
