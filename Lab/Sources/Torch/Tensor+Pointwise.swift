import CTorch

// Element by element, with PyTorch's broadcasting: axes are aligned at the last, and an axis of
// size 1 stretches.

public func + (a: Tensor, b: Tensor) throws -> Tensor {
    try makeTensor("add") { ctorch_add($0, a.handle, b.handle) }
}

public func - (a: Tensor, b: Tensor) throws -> Tensor {
    try makeTensor("subtract") { ctorch_subtract($0, a.handle, b.handle) }
}

public func * (a: Tensor, b: Tensor) throws -> Tensor {
    try makeTensor("multiply") { ctorch_multiply($0, a.handle, b.handle) }
}

public func / (a: Tensor, b: Tensor) throws -> Tensor {
    try makeTensor("divide") { ctorch_divide($0, a.handle, b.handle) }
}

public func + (a: Tensor, b: Double) throws -> Tensor {
    try makeTensor("add") { ctorch_add_number($0, a.handle, b) }
}

public func - (a: Tensor, b: Double) throws -> Tensor {
    try makeTensor("subtract") { ctorch_add_number($0, a.handle, -b) }
}

public func * (a: Tensor, b: Double) throws -> Tensor {
    try makeTensor("multiply") { ctorch_multiply_number($0, a.handle, b) }
}

public func / (a: Tensor, b: Double) throws -> Tensor {
    try makeTensor("divide") { ctorch_divide_number($0, a.handle, b) }
}

public func + (a: Double, b: Tensor) throws -> Tensor { try b + a }

public func - (a: Double, b: Tensor) throws -> Tensor {
    try makeTensor("subtract") { ctorch_subtract_from($0, b.handle, a) }
}

public func * (a: Double, b: Tensor) throws -> Tensor { try b * a }

public func / (a: Double, b: Tensor) throws -> Tensor {
    try makeTensor("divide") { ctorch_divide_into($0, b.handle, a) }
}

public prefix func - (a: Tensor) throws -> Tensor {
    try makeTensor("negate") { ctorch_negate($0, a.handle) }
}

extension Tensor {
    /// `self + factor · other` in one pass.
    public func adding(_ other: Tensor, times factor: Double) throws -> Tensor {
        try makeTensor("add") { ctorch_add_scaled($0, handle, other.handle, factor) }
    }

    /// The larger of each pair of elements; a tie shares the gradient.
    public func maximum(_ other: Tensor) throws -> Tensor {
        try makeTensor("maximum") { ctorch_maximum($0, handle, other.handle) }
    }

    /// The smaller of each pair of elements; a tie shares the gradient.
    public func minimum(_ other: Tensor) throws -> Tensor {
        try makeTensor("minimum") { ctorch_minimum($0, handle, other.handle) }
    }

    public func abs() throws -> Tensor {
        try makeTensor("abs") { ctorch_abs($0, handle) }
    }

    public func sqrt() throws -> Tensor {
        try makeTensor("sqrt") { ctorch_sqrt($0, handle) }
    }

    public func square() throws -> Tensor {
        try makeTensor("square") { ctorch_square($0, handle) }
    }

    public func pow(_ exponent: Double) throws -> Tensor {
        try makeTensor("pow") { ctorch_pow($0, handle, exponent) }
    }

    public func exp() throws -> Tensor {
        try makeTensor("exp") { ctorch_exp($0, handle) }
    }

    /// The natural logarithm.
    public func log() throws -> Tensor {
        try makeTensor("log") { ctorch_log($0, handle) }
    }

    public func clamped(to range: ClosedRange<Double>) throws -> Tensor {
        try makeTensor("clamp") {
            ctorch_clamp($0, handle, range.lowerBound, range.upperBound)
        }
    }

    public func relu() throws -> Tensor {
        try makeTensor("relu") { ctorch_relu($0, handle) }
    }

    /// `x` above 0, `slope · x` below.
    public func leakyReLU(slope: Double) throws -> Tensor {
        try makeTensor("leakyReLU") { ctorch_leaky_relu($0, handle, slope) }
    }

    /// ``relu()`` that overwrites this tensor, which must not be needed as it was: neither a leaf
    /// nor an operation's input that its gradient reads.
    public func reluInPlace() throws -> Tensor {
        try makeTensor("reluInPlace") { ctorch_relu_in_place($0, handle) }
    }

    /// ``leakyReLU(slope:)`` that overwrites this tensor, under the rule of ``reluInPlace()``.
    public func leakyReLUInPlace(slope: Double) throws -> Tensor {
        try makeTensor("leakyReLUInPlace") { ctorch_leaky_relu_in_place($0, handle, slope) }
    }

    /// Where elements are equal, as a `bool` tensor.
    public func equals(_ other: Tensor) throws -> Tensor {
        try makeTensor("equals") { ctorch_equal($0, handle, other.handle) }
    }

    /// Where this tensor's elements are the smaller ones, as a `bool` tensor.
    public func isLess(than other: Tensor) throws -> Tensor {
        try makeTensor("isLess") { ctorch_less($0, handle, other.handle) }
    }

    /// Where elements are neither infinite nor NaN, as a `bool` tensor.
    public func isFinite() throws -> Tensor {
        try makeTensor("isFinite") { ctorch_is_finite($0, handle) }
    }

    /// This tensor where `condition` (`bool`) holds, `other` elsewhere.
    public func choosing(where condition: Tensor, else other: Tensor) throws -> Tensor {
        try makeTensor("where") { ctorch_where($0, condition.handle, handle, other.handle) }
    }

    /// The matrix product of the last two axes; the others are broadcast.
    public func matmul(_ other: Tensor) throws -> Tensor {
        try makeTensor("matmul") { ctorch_matmul($0, handle, other.handle) }
    }
}
