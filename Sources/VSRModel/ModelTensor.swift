/// Weights of a network in memory: a dense array of `Float`, row-major.
public struct ModelTensor: Sendable, Equatable {
    public var shape: [Int]
    public var values: [Float]

    public init(shape: [Int], values: [Float]) {
        precondition(
            values.count == shape.reduce(1, *), "a tensor holds as many values as its shape says")
        self.shape = shape
        self.values = values
    }

    /// A tensor of equal values.
    public init(shape: [Int], filledWith value: Float = 0) {
        self.init(shape: shape, values: Array(repeating: value, count: shape.reduce(1, *)))
    }
}
