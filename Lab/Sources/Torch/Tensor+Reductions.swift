import CTorch

extension Tensor {
    /// The sum of all elements, a scalar.
    public func sum() throws -> Tensor {
        try makeTensor("sum") { ctorch_sum($0, handle) }
    }

    /// The mean of all elements, a scalar.
    public func mean() throws -> Tensor {
        try makeTensor("mean") { ctorch_mean($0, handle) }
    }

    /// Sums over these axes, which go unless `keepingAxes` leaves them with size 1.
    public func sum(along axes: [Int], keepingAxes: Bool = false) throws -> Tensor {
        try makeTensor("sum") { ctorch_sum_axes($0, handle, axes, axes.count, keepingAxes) }
    }

    /// Means over these axes, which go unless `keepingAxes` leaves them with size 1.
    public func mean(along axes: [Int], keepingAxes: Bool = false) throws -> Tensor {
        try makeTensor("mean") { ctorch_mean_axes($0, handle, axes, axes.count, keepingAxes) }
    }

    /// The largest element, a scalar; NaN if there is one.
    public func max() throws -> Tensor {
        try makeTensor("max") { ctorch_max($0, handle) }
    }

    /// The smallest element, a scalar; NaN if there is one.
    public func min() throws -> Tensor {
        try makeTensor("min") { ctorch_min($0, handle) }
    }

    /// The Euclidean norm of all elements, a scalar.
    public func norm() throws -> Tensor {
        try makeTensor("norm") { ctorch_norm($0, handle) }
    }

    /// Whether every element is neither infinite nor NaN.
    public func allFinite() throws -> Bool {
        let finite = try isFinite()
        return try makeTensor("all") { ctorch_all($0, finite.handle) }.item() != 0
    }
}
