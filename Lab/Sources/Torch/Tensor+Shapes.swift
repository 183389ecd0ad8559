import CTorch

// An axis may be negative: −1 is the last.

extension Tensor {
    /// The same elements under another shape; one size may be −1: what is left.
    public func reshaped(_ shape: [Int]) throws -> Tensor {
        try makeTensor("reshape") { ctorch_reshape($0, handle, shape, shape.count) }
    }

    /// A view with its axes in another order: axis `i` of the result is axis `axes[i]` of this.
    public func permuted(_ axes: [Int]) throws -> Tensor {
        try makeTensor("permute") { ctorch_permute($0, handle, axes, axes.count) }
    }

    /// Entries in reverse order along these axes.
    public func flipped(along axes: [Int]) throws -> Tensor {
        try makeTensor("flip") { ctorch_flip($0, handle, axes, axes.count) }
    }

    /// A view with a new axis of size 1 at this place.
    public func unsqueezed(_ axis: Int) throws -> Tensor {
        try makeTensor("unsqueeze") { ctorch_unsqueeze($0, handle, axis) }
    }

    /// A view without this axis, if its size is 1.
    public func squeezed(_ axis: Int) throws -> Tensor {
        try makeTensor("squeeze") { ctorch_squeeze($0, handle, axis) }
    }

    /// A view whose axes of size 1 are repeated to the given sizes; −1 keeps a size.
    public func expanded(_ shape: [Int]) throws -> Tensor {
        try makeTensor("expand") { ctorch_expand($0, handle, shape, shape.count) }
    }

    /// The tensors one after the other along an axis they have; other sizes are equal.
    public static func concatenated(_ tensors: [Tensor], along axis: Int) throws -> Tensor {
        try makeTensor("cat") { ctorch_cat($0, tensors.handles, tensors.count, axis) }
    }

    /// The tensors, all of one shape, one after the other along a new axis.
    public static func stacked(_ tensors: [Tensor], along axis: Int) throws -> Tensor {
        try makeTensor("stack") { ctorch_stack($0, tensors.handles, tensors.count, axis) }
    }

    /// A view of the entries `range` of an axis.
    public func sliced(_ range: Range<Int>, along axis: Int) throws -> Tensor {
        try makeTensor("slice") {
            ctorch_narrow($0, handle, axis, range.lowerBound, range.count)
        }
    }

    /// A view of one entry of an axis, which goes.
    public func selected(_ index: Int, along axis: Int) throws -> Tensor {
        try makeTensor("select") { ctorch_select($0, handle, axis, index) }
    }

    /// The entries of an axis at these indices, an `int64` vector, in its order.
    public func indexSelected(_ indices: Tensor, along axis: Int) throws -> Tensor {
        try makeTensor("indexSelect") { ctorch_index_select($0, handle, axis, indices.handle) }
    }

    /// A copy with entry `i` of `source` added to entry `indices[i]` of the axis.
    public func indexAdded(_ source: Tensor, at indices: Tensor, along axis: Int) throws -> Tensor {
        try makeTensor("indexAdd") {
            ctorch_index_add($0, handle, axis, indices.handle, source.handle)
        }
    }

    /// A copy with entry `indices[i]` of the axis replaced by entry `i` of `source`.
    public func indexCopied(
        _ source: Tensor, at indices: Tensor, along axis: Int
    ) throws -> Tensor {
        try makeTensor("indexCopy") {
            ctorch_index_copy($0, handle, axis, indices.handle, source.handle)
        }
    }
}
