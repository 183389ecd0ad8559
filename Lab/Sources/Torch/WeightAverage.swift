import CTorch

/// The exponential moving average of a network's parameters.
///
/// After each step, `average += (1 − decay) · (parameter − average)`, as PyTorch's
/// `torch.optim.swa_utils.get_ema_multi_avg_fn` does; it starts at the parameters' values.
public final class WeightAverage {
    public let decay: Double
    /// The averages under their parameters' names; live tensors, for evaluation and checkpoints.
    public let averages: [NamedTensor]
    private let parameters: [NamedTensor]
    private let handles: (averages: [ctorch_tensor?], parameters: [ctorch_tensor?])

    public init(of parameters: [NamedTensor], decay: Double) throws {
        self.parameters = parameters
        self.decay = decay
        averages = try parameters.map { NamedTensor($0.name, try $0.tensor.detached().clone()) }
        handles = (averages.map(\.tensor.handle), parameters.map(\.tensor.handle))
    }

    /// Takes the parameters as they now are into the averages.
    public func update() throws {
        try check(
            ctorch_ema_step(handles.averages, handles.parameters, parameters.count, decay),
            "weight average")
    }

    /// Restores the averages, copying the elements.
    ///
    /// - Throws: `notFound` or `shapeMismatch` naming the entry; then nothing was restored.
    public func restore(_ tensors: [String: Tensor]) throws {
        try restoreElements(of: averages, from: tensors, owner: "the weight average")
    }
}
