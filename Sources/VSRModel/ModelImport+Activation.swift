import VSRCore

extension ModelImport {
    /// The activation outside of the residual blocks and the flow network, which files of other
    /// projects do not name.
    public struct Activation: Sendable, Equatable, CustomStringConvertible {
        /// Of a leaky ReLU, 0…1; 0 for ReLU.
        public let negativeSlope: Float

        public init(negativeSlope: Float) { self.negativeSlope = negativeSlope }

        /// The leaky ReLU of BasicSR's and mmagic's BasicVSR.
        public static let basicVSR = Activation(negativeSlope: 0.1)
        public static let relu = Activation(negativeSlope: 0)

        /// `relu`, `leaky-relu` (slope 0.1), or a slope from 0 to 1; `nil` for anything else.
        public init?(_ text: String) {
            switch text.lowercased() {
            case "relu": self = .relu
            case "leaky-relu", "leaky_relu", "lrelu", "leakyrelu": self = .basicVSR
            default:
                guard let slope = Float(text), (0...1).contains(slope) else { return nil }
                negativeSlope = slope
            }
        }

        public var description: String {
            negativeSlope == 0 ? "ReLU" : "leaky ReLU of slope \(negativeSlope)"
        }
    }
}
