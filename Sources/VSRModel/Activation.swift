import VSRCore

/// What is done to every value that a convolution gives, where anything is.
///
/// To add one, begin here, with its form in files and its limits below, then follow the compiler,
/// which asks for it in every `switch`. CONTRIBUTING.md lists the places.
///
/// One with weights of its own, one for each filter, also needs a ``TensorKey/Kind``, its shape in
/// ``Layer/tensors`` and its values at the start (`Model+Initialization.swift`); costs, files,
/// checkpoints, pruning and optimizers then carry them along, compensated pruning does not.
public enum Activation: Sendable, Hashable {
    /// Values below 0 are multiplied by `negativeSlope`, of `0...1`.
    case leakyReLU(negativeSlope: Float)

    /// Values below 0 become 0.
    public static let relu = Activation.leakyReLU(negativeSlope: 0)

    /// BasicVSR's: a slope of 0.1.
    public static let basicVSR = Activation.leakyReLU(negativeSlope: 0.1)
}

extension Activation {
    /// Reads the form that it has within a blueprint's JSON.
    init(in container: KeyedDecodingContainer<Blueprint.CodingKeys>) throws {
        self = .leakyReLU(
            negativeSlope: try container.decode(Float.self, forKey: .negativeSlope))
    }

    func encode(into container: inout KeyedEncodingContainer<Blueprint.CodingKeys>) throws {
        switch self {
        case .leakyReLU(let slope): try container.encode(slope, forKey: .negativeSlope)
        }
    }

    /// - Throws: `InvalidSetting` naming the blueprint's key.
    func validate() throws {
        switch self {
        case .leakyReLU(let slope):
            try InvalidSetting.require((0...1).contains(slope), "negativeSlope", slope, "0...1")
        }
    }
}
