import ArgumentParser
import VSRCore
import VSRModel
import VSRProgram
import VSRPruning
import VSRTools

struct Prune: Command {
    static let configuration = CommandConfiguration(
        abstract: "Make a smaller model from a trained one, without training.",
        discussion: """
            Units (channels and filters) with the smallest weights are removed until the target \
            is met. Quality suffers without finetuning, which slimvsr-lab does.

            slimvsr prune dense.safetensors --ratio 0.5 --output slim.safetensors
            slimvsr prune dense.safetensors --target-macs 90G --output slim.safetensors
            """)

    /// Which units go.
    enum Criterion: String, CaseIterable, ExpressibleByArgument {
        case min, max, random
    }

    @Argument(help: "A model's name or file (see slimvsr models).")
    var model: String

    @Option(help: "The share of units to be removed, 0 to 1.")
    var ratio: Double?

    @Option(help: "Multiply-accumulates per frame to be left, without flow: 90G, or 0.5 of all.")
    var targetMacs: String?

    @Option(help: "Parameters to be left, without flow: 1.2M, or 0.5 of all.")
    var targetParams: String?

    @Option(
        help: ArgumentHelp(
            "Which units go: those with the smallest weights (min), the largest or any (free "
                + "structure; default: min)."))
    var criterion: Criterion?

    @Option(
        help: "A unit's score: the mean of its absolute weights, comparable between layers, or sum."
    )
    var norm = ScoreNorm.mean

    @Option(
        help: ArgumentHelp(
            "Whether units compete across the network (global) or within a layer (local) (free "
                + "structure; default: global)."))
    var scope: PruningOptions.Scope?

    @Option(help: "free: each block picks its channels; aligned: a narrower dense network remains.")
    var structure = OneShotPruning.Structure.free

    @Option(help: "Kept counts are multiples of this (free structure; default: 1).")
    var align: Int?

    @Flag(help: "Let layers lose their last unit, so that whole blocks may go (free structure).")
    var allowEmpty = false

    @Option(help: "Seed of the random criterion (free structure; default: 0).")
    var seed: UInt64?

    @Option(help: "The low-resolution frame that counts hold for, as WIDTHxHEIGHT.")
    var size = Blueprint.referenceFrameSize

    @Option(name: [.short, .long], help: "The model file to be written.")
    var output: String

    @OptionGroup var general: GeneralOptions

    func validate() throws {
        let given = [ratio != nil, targetMacs != nil, targetParams != nil].filter { $0 }.count
        guard given == 1 else {
            throw ValidationError(
                "Name one target: --ratio, --target-macs or --target-params (\(given) were given)")
        }
        guard !allowEmpty || structure == .free else {
            throw ValidationError(
                "--allow-empty goes with --structure free: a narrower dense network has no empty "
                    + "layers")
        }
        let isDefault = criterion == nil && scope == nil && align == nil && seed == nil
        guard structure == .free || isDefault else {
            throw ValidationError(
                "--scope, --criterion, --align and --seed go with --structure free: an aligned "
                    + "structure loses the same share of every group, its smallest channels first")
        }
    }

    func execute(_ console: Console) throws {
        var options = PruningOptions()
        options.scope = scope ?? options.scope
        options.order =
            criterion.flatMap { PruningOptions.Order(rawValue: $0.rawValue) } ?? options.order
        options.norm = norm
        options.allowsEmptyLayers = allowEmpty
        options.seed = seed ?? options.seed
        options.alignment = align ?? options.alignment
        options.frameSize = size
        let pruning = OneShotPruning(to: try target(), structure: structure, options: options)
        let outcome = try pruning.prune(try ModelReference(model), to: output)
        console.output(outcome.text + "\nwrote \(output)")
    }

    private func target() throws -> PruningTarget {
        if let ratio { return .ratio(ratio) }
        if let text = targetMacs {
            if let share = Self.fraction(text) { return .macsFraction(share) }
            return .macs(try PruningTarget.count(text))
        }
        let text = targetParams ?? ""
        if let share = Self.fraction(text) { return .parametersFraction(share) }
        return .parameters(try PruningTarget.count(text))
    }

    /// A number below 1 is a share of what there is.
    private static func fraction(_ text: String) -> Double? {
        Double(text).flatMap { $0 > 0 && $0 < 1 ? $0 : nil }
    }
}

extension ScoreNorm: ExpressibleByArgument {}
extension PruningOptions.Scope: ExpressibleByArgument {}
extension OneShotPruning.Structure: ExpressibleByArgument {}
