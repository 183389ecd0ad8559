import VSRCore
import VSRImaging
import VSRModel

/// What a user says of a file of another project, since the file does not: which of its networks is
/// meant, which activation that was trained with, and what for.
public struct ForeignModelOptions: Sendable, Hashable {
    /// What the tensor names of the network begin with; `nil` to find it.
    public var prefix: String?
    /// The activation that the network was trained with; `nil` for BasicVSR's.
    public var activation: Activation?
    /// What the network was trained for, to be noted in its metadata.
    public var degradation: Degradation?

    public init(
        prefix: String? = nil, activation: Activation? = nil, degradation: Degradation? = nil
    ) {
        self.prefix = prefix
        self.activation = activation
        self.degradation = degradation
    }

    /// The options that were given, as command lines have them.
    private var given: [String] {
        [
            prefix == nil ? nil : "--prefix", activation == nil ? nil : "--activation",
            degradation == nil ? nil : "--degradation",
        ].compactMap { $0 }
    }

    /// Whether nothing is said.
    var isEmpty: Bool { given.isEmpty }

    /// Refuses what was given for something that is not a file of another project.
    ///
    /// - Parameter kind: What `name` is instead: `a model file`.
    /// - Throws: `invalidArgument` naming the options, unless ``isEmpty``.
    func refuse(for name: String, kind: String) throws {
        guard let last = given.last else { return }
        let isOne = given.count == 1
        let others = given.dropLast().joined(separator: ", ")
        throw VSRError(
            .invalidArgument,
            "\(isOne ? last : "\(others) and \(last)") \(isOne ? "is" : "are") for checkpoints of "
                + "other projects, but \(name) is \(kind): leave \(isOne ? "it" : "them") out, or name "
                + "a checkpoint")
    }
}
