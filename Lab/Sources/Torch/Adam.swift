import CTorch
import VSRCore

/// The optimizer Adam, one fused update per group of parameters.
///
/// Same arithmetic as PyTorch's `torch.optim.Adam(fused=True)`; weight decay is the L2 kind that is
/// added to the gradient. Parameters without a gradient are left alone, moments and step included.
///
/// Source: Kingma and Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015.
public final class Adam {
    /// Parameters that share a learning rate.
    public struct Group: Sendable {
        public let name: String
        public let parameters: [NamedTensor]
        /// Learning rate of the next step.
        public var rate: Double
        public var weightDecay: Double

        public init(
            name: String, parameters: [NamedTensor], rate: Double, weightDecay: Double = 0
        ) {
            self.name = name
            self.parameters = parameters
            self.rate = rate
            self.weightDecay = weightDecay
        }
    }

    public private(set) var groups: [Group]
    private let moments: [Moments]
    private let beta1: Double
    private let beta2: Double
    private let epsilon: Double

    /// - Parameters:
    ///   - beta1, beta2: Decay of the running means of gradients and of their squares.
    ///   - epsilon: Added to the root of the second moment.
    /// - Throws: `invalidArgument` if a name occurs twice, or an option is out of its range.
    public init(
        groups: [Group], beta1: Double = 0.9, beta2: Double = 0.99, epsilon: Double = 1e-8
    ) throws {
        guard (0..<1).contains(beta1), (0..<1).contains(beta2), epsilon >= 0 else {
            throw VSRError(
                .invalidArgument,
                "Adam needs betas in 0..<1 and epsilon ≥ 0, not \(beta1), \(beta2), \(epsilon)")
        }
        var names = Set<String>()
        for parameter in groups.lazy.flatMap(\.parameters)
        where !names.insert(parameter.name).inserted {
            throw VSRError(
                .invalidArgument, "Adam was given the parameter \(parameter.name) twice")
        }
        self.groups = groups
        self.moments = try groups.map { try Moments(of: $0.parameters) }
        (self.beta1, self.beta2, self.epsilon) = (beta1, beta2, epsilon)
    }

    /// Sets the learning rate of group `index` for the steps to come.
    public func setRate(_ rate: Double, ofGroup index: Int) {
        groups[index].rate = rate
    }

    /// Updates every parameter that has a gradient.
    public func step() throws {
        for (group, moments) in zip(groups, moments) {
            let options = ctorch_adam_options(
                rate: group.rate, beta1: beta1, beta2: beta2, epsilon: epsilon,
                weight_decay: group.weightDecay)
            try moments.step(options)
        }
    }

    /// Drops the gradients of all parameters; call it before each `backward`.
    public func dropGradients() throws {
        for moments in moments { try moments.dropGradients() }
    }

    /// Whether all gradients are finite.
    public func gradientsAreFinite() throws -> Bool {
        try moments.allSatisfy { try $0.gradientsAreFinite() }
    }

    /// What a later run needs to go on bit for bit.
    ///
    /// For each parameter `NAME.exp_avg`, `NAME.exp_avg_sq` and `NAME.step`: the live tensors, not
    /// copies.
    public var state: [NamedTensor] { moments.flatMap(\.state) }

    /// Restores what ``state`` gave, copying the elements.
    ///
    /// - Throws: `notFound` or `shapeMismatch` naming the entry; then nothing was restored.
    public func restore(_ tensors: [String: Tensor]) throws {
        try restoreElements(of: state, from: tensors, owner: "Adam's state")
    }
}

/// The moments of one group's parameters, and the handles of all lists made once.
private final class Moments {
    private let parameters: [NamedTensor]
    private let first: [Tensor]
    private let second: [Tensor]
    private let steps: [Tensor]
    private let handles:
        (
            values: [ctorch_tensor?], first: [ctorch_tensor?],
            second: [ctorch_tensor?], steps: [ctorch_tensor?]
        )

    init(of parameters: [NamedTensor]) throws {
        self.parameters = parameters
        first = try parameters.map { try $0.tensor.zerosLike() }
        second = try parameters.map { try $0.tensor.zerosLike() }
        steps = try parameters.map { try Tensor.zeros([], device: $0.tensor.device) }
        handles = (parameters.map(\.tensor.handle), first.handles, second.handles, steps.handles)
    }

    func step(_ options: ctorch_adam_options) throws {
        try check(
            ctorch_adam_step(
                handles.values, handles.first, handles.second, handles.steps, parameters.count,
                options), "Adam step")
    }

    func dropGradients() throws {
        try check(ctorch_drop_gradients(handles.values, parameters.count), "dropGradients")
    }

    func gradientsAreFinite() throws -> Bool {
        var finite = false
        try check(
            ctorch_gradients_are_finite(handles.values, parameters.count, &finite),
            "gradientsAreFinite")
        return finite
    }

    var state: [NamedTensor] {
        parameters.indices.flatMap { index in
            let name = parameters[index].name
            return [
                NamedTensor("\(name).exp_avg", first[index]),
                NamedTensor("\(name).exp_avg_sq", second[index]),
                NamedTensor("\(name).step", steps[index]),
            ]
        }
    }
}

/// Overwrites each tensor by the one of its name, after checking that all are there and fit.
func restoreElements(
    of targets: [NamedTensor], from tensors: [String: Tensor], owner: String
) throws {
    let sources = try targets.map { target in
        guard let source = tensors[target.name] else {
            throw VSRError(.notFound, "\(owner) lacks the entry \(target.name)")
        }
        guard source.shape == target.tensor.shape, source.dtype == target.tensor.dtype else {
            throw VSRError(
                .shapeMismatch,
                "\(owner) has \(target.name) as \(source), but this network has \(target.tensor)")
        }
        return source
    }
    for (target, source) in zip(targets, sources) { try target.tensor.assign(source) }
}
