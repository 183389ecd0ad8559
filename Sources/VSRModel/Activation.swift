/// What is done to every value that a convolution gives, where anything is.
///
/// To add one: a case here and its form in files (`Blueprint+JSON.swift`); the operation in
/// `FeatureMap.activated(by:)` of the reference executor, in `Tensor.activated(by:)` of the Torch
/// networks, and in `Activation.kernelSlope` of the tuned executor, which may refuse it. One with
/// weights of its own also needs a ``TensorKey/Kind`` and its shape in ``Layer/tensors``; files,
/// checkpoints, pruning and training then carry these weights by themselves.
public enum Activation: Sendable, Hashable {
    /// Values below 0 are multiplied by `negativeSlope`, of `0...1`.
    case leakyReLU(negativeSlope: Float)

    /// Values below 0 become 0.
    public static let relu = Activation.leakyReLU(negativeSlope: 0)

    /// BasicVSR's: a slope of 0.1.
    public static let basicVSR = Activation.leakyReLU(negativeSlope: 0.1)
}
