import CTorch
import VSRCore

/// Changes parameters along their gradients, by Adam or by Muon, each group at its own rate.
///
/// Parameters without a gradient are left alone, moments and step included.
public final class Optimizer {
    /// How a group's parameters are changed.
    public enum Rule: Sendable, Equatable {
        /// Adam, one fused update per group: the arithmetic of PyTorch's
        /// `torch.optim.Adam(fused=True)`, whose weight decay is added to the gradient.
        ///
        /// Source: Kingma and Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015.
        case adam
        /// Muon for the weights of hidden convolutions, each taken as a matrix of outputs × all else,
        /// and Adam for the rest.
        ///
        /// The arithmetic of PyTorch's `torch.optim.Muon` with `adjust_lr_fn="match_rms_adamw"`, but
        /// in fp32 instead of bfloat16: updates are about as large as Adam's, so that Adam's rates
        /// serve. `momentum` is the decay of the gradients' running mean; `visible` names parameters
        /// of four dimensions that Adam changes all the same, such as the output convolution's.
        ///
        /// Source: K. Jordan et al., "Muon: An optimizer for hidden layers in neural networks", 2024;
        /// the scale of updates: J. Liu et al., "Muon is Scalable for LLM Training",
        /// arXiv 2502.16982.
        case muon(momentum: Double = 0.95, visible: Set<String> = [])

        func usesMuon(for parameter: NamedTensor) -> Bool {
            guard case .muon(_, let visible) = self else { return false }
            return parameter.tensor.shape.count == 4 && !visible.contains(parameter.name)
        }
    }

    /// Parameters that share a learning rate.
    public struct Group: Sendable {
        public let name: String
        public let parameters: [NamedTensor]
        /// Learning rate of the next step.
        public var rate: Double
        public var weightDecay: Double
        public let rule: Rule

        public init(
            name: String, parameters: [NamedTensor], rate: Double, weightDecay: Double = 0,
            rule: Rule = .adam
        ) {
            self.name = name
            self.parameters = parameters
            self.rate = rate
            self.weightDecay = weightDecay
            self.rule = rule
        }
    }

    public private(set) var groups: [Group]
    private let moments: [Moments]
    private let adam: (beta1: Double, beta2: Double, epsilon: Double)

    /// - Parameters:
    ///   - beta1, beta2: Adam's: decay of the running means of gradients and of their squares.
    ///   - epsilon: Adam's: added to the root of the second moment.
    /// - Throws: `invalidArgument` if a name occurs twice, or an option is out of its range.
    public init(
        groups: [Group], beta1: Double = 0.9, beta2: Double = 0.99, epsilon: Double = 1e-8
    ) throws {
        guard (0..<1).contains(beta1), (0..<1).contains(beta2), epsilon >= 0 else {
            throw VSRError(
                .invalidArgument,
                "Adam needs betas in 0..<1 and epsilon ≥ 0, not \(beta1), \(beta2), \(epsilon)")
        }
        for case .muon(let momentum, _) in groups.map(\.rule)
        where !(0..<1).contains(momentum) {
            throw VSRError(.invalidArgument, "Muon needs a momentum in 0..<1, not \(momentum)")
        }
        var names = Set<String>()
        for parameter in groups.lazy.flatMap(\.parameters)
        where !names.insert(parameter.name).inserted {
            throw VSRError(
                .invalidArgument, "the optimizer was given the parameter \(parameter.name) twice")
        }
        self.groups = groups
        moments = try groups.map(Moments.init)
        adam = (beta1, beta2, epsilon)
    }

    /// Sets the learning rate of group `index` for the steps to come.
    public func setRate(_ rate: Double, ofGroup index: Int) {
        groups[index].rate = rate
    }

    /// Updates every parameter that has a gradient.
    public func step() throws {
        for (group, moments) in zip(groups, moments) {
            try moments.adam.step(
                ctorch_adam_options(
                    rate: group.rate, beta1: adam.beta1, beta2: adam.beta2, epsilon: adam.epsilon,
                    weight_decay: group.weightDecay))
            if case .muon(let momentum, _) = group.rule {
                try moments.muon.step(
                    ctorch_muon_options(
                        rate: group.rate, momentum: momentum, weight_decay: group.weightDecay))
            }
        }
    }

    /// Drops the gradients of all parameters; call it before each `backward`.
    public func dropGradients() throws {
        for moments in moments {
            try check(
                ctorch_drop_gradients(moments.handles, moments.handles.count), "dropGradients")
        }
    }

    /// Whether all gradients are finite.
    public func gradientsAreFinite() throws -> Bool {
        try moments.allSatisfy { moments in
            var finite = false
            try check(
                ctorch_gradients_are_finite(moments.handles, moments.handles.count, &finite),
                "gradientsAreFinite")
            return finite
        }
    }

    /// What a later run needs to go on bit for bit.
    ///
    /// `NAME.exp_avg`, `NAME.exp_avg_sq` and `NAME.step` of what Adam changes, `NAME.momentum` of what
    /// Muon does: the live tensors, not copies.
    public var state: [NamedTensor] { moments.flatMap { $0.adam.state + $0.muon.state } }

    /// Restores what ``state`` gave, copying the elements.
    ///
    /// - Throws: `notFound` or `shapeMismatch` naming the entry; then nothing was restored.
    public func restore(_ tensors: [String: Tensor]) throws {
        try restoreElements(of: state, from: tensors, owner: "the optimizer's state")
    }
}

/// What the optimizer keeps of one group, and the handles of all lists made once.
private struct Moments {
    let adam: AdamMoments
    let muon: MuonMoments
    /// Of all the group's parameters.
    let handles: [ctorch_tensor?]

    init(of group: Optimizer.Group) throws {
        adam = try AdamMoments(of: group.parameters.filter { !group.rule.usesMuon(for: $0) })
        muon = try MuonMoments(of: group.parameters.filter(group.rule.usesMuon))
        handles = group.parameters.map(\.tensor.handle)
    }
}

private struct AdamMoments {
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

private struct MuonMoments {
    private let parameters: [NamedTensor]
    private let momenta: [Tensor]
    private let handles: (values: [ctorch_tensor?], momenta: [ctorch_tensor?])

    init(of parameters: [NamedTensor]) throws {
        self.parameters = parameters
        momenta = try parameters.map { try $0.tensor.zerosLike() }
        handles = (parameters.map(\.tensor.handle), momenta.handles)
    }

    func step(_ options: ctorch_muon_options) throws {
        try check(
            ctorch_muon_step(handles.values, handles.momenta, parameters.count, options),
            "Muon step")
    }

    var state: [NamedTensor] {
        zip(parameters, momenta).map { NamedTensor("\($0.name).momentum", $1) }
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
