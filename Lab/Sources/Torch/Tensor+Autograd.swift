import CTorch

extension Tensor {
    /// Whether gradients of this tensor are recorded.
    public var requiresGradient: Bool { ctorch_requires_gradient(handle) }

    /// Switches the recording of gradients on or off in place and returns this same tensor.
    ///
    /// - Throws: `invalidArgument` for integers and for results of recorded operations.
    @discardableResult
    public func requireGradient(_ required: Bool = true) throws -> Tensor {
        try check(ctorch_set_requires_gradient(handle, required), "requireGradient")
        return self
    }

    /// The gradient accumulated by ``backward(keepingGraph:)``; `nil` before.
    public var gradient: Tensor? {
        var out: ctorch_tensor?
        guard ctorch_gradient(&out, handle) == CTORCH_OK else { return nil }
        return out.map(Tensor.init(owning:))
    }

    /// Replaces the accumulated gradient; `nil` drops it.
    public func setGradient(_ gradient: Tensor?) throws {
        try check(ctorch_set_gradient(handle, gradient?.handle), "setGradient")
    }

    /// The same elements, cut off from what they were computed from.
    public func detached() throws -> Tensor {
        try makeTensor("detach") { ctorch_detach($0, handle) }
    }

    /// Adds this scalar's gradients to the ``gradient`` of every parameter it depends on.
    ///
    /// - Parameter keepingGraph: Whether it may be called again.
    /// - Throws: `invalidArgument` unless this is a scalar that depends on a parameter.
    public func backward(keepingGraph: Bool = false) throws {
        try check(ctorch_backward(handle, nil, keepingGraph), "backward")
    }

    /// The same for a tensor of any shape, of which `gradient` is the loss's gradient.
    public func backward(from gradient: Tensor, keepingGraph: Bool = false) throws {
        try check(ctorch_backward(handle, gradient.handle, keepingGraph), "backward")
    }

    /// This scalar's gradients for each input, leaving every ``gradient`` alone.
    ///
    /// `nil` for inputs that it does not depend on. The graph is kept.
    public func gradients(of inputs: [Tensor]) throws -> [Tensor?] {
        var out = [ctorch_tensor?](repeating: nil, count: inputs.count)
        try check(
            ctorch_gradients_of(handle, inputs.handles, inputs.count, &out), "gradients")
        return out.map { $0.map(Tensor.init(owning:)) }
    }
}

extension Array where Element == Tensor {
    /// Drops the gradient of each.
    public func dropGradients() throws {
        try check(ctorch_drop_gradients(handles, count), "dropGradients")
    }

    /// Whether every element of every gradient is finite; tensors without one are skipped.
    public func gradientsAreFinite() throws -> Bool {
        var finite = false
        try check(ctorch_gradients_are_finite(handles, count, &finite), "gradientsAreFinite")
        return finite
    }
}
