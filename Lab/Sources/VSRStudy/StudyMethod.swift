import VSRCore
import VSRPruning

/// A way to make a network of about a target's cost from a dense one.
///
/// Source: Xia et al., CVPR 2023, Tab. 1 (lite, L1-norm, ASSL, SSL), Tab. 2 (SSL1 to SSL4, of which
/// the last is SSL) and Tab. 3 (criteria).
public enum StudyMethod: String, Sendable, NamedChoice {
    case bicubic
    case dense
    case denseFinetuned = "dense-finetuned"
    case lite
    case l1
    case l1Free = "l1-free"
    case assl
    case ssl1
    case ssl2
    case ssl3
    case ssl
    case sslMinLocal = "ssl-min-local"
    case sslMaxGlobal = "ssl-max-global"
    case sslMaxLocal = "ssl-max-local"
    case sslRandom = "ssl-random"
    case sslTaylor = "ssl-taylor"
    case sslCompensated = "ssl-compensated"
    case compensatedOnly = "compensated-only"
    case compensated
    case compensatedTemporal = "compensated-tf"

    /// How a network comes to its size.
    enum Start: Sendable, Equatable {
        /// Nothing is pruned.
        case parent
        /// New weights at the width of an aligned structure; the flow network is the parent's.
        case initialized
        case oneShot
        /// Refitted by least squares.
        case compensated
        /// Chosen units are driven to zero, then removed.
        case regularized
    }

    struct Recipe: Sendable {
        var start: Start
        var structure = PruningOptions.Structure.free
        var scope = PruningOptions.Scope.global
        var order = PruningOptions.Order.min
        /// L1 where it is left out.
        var score: ScoreMethod?
        /// Whether what regularization leaves is refitted by least squares.
        var isRefitted = false
        /// Whether it is trained as long as the study says.
        var isTrained = true
        /// Whether hidden states are held to the dense network's while finetuning.
        var hasTeacher = false
        var note: String
    }

    var recipe: Recipe {
        switch self {
        case .bicubic:
            Recipe(start: .parent, isTrained: false, note: "interpolation, no network")
        case .dense:
            Recipe(start: .parent, isTrained: false, note: "the parent as it is")
        case .denseFinetuned:
            Recipe(start: .parent, note: "the parent, finetuned as long as the others")
        case .lite:
            Recipe(
                start: .initialized, structure: .aligned,
                note: "narrower, trained from new weights; flow network of the parent")
        case .l1:
            Recipe(
                start: .oneShot, structure: .aligned,
                note: "L1-norm: the same channels removed everywhere, then finetuned")
        case .l1Free:
            Recipe(start: .oneShot, note: "L1-norm with RSC, in one shot, then finetuned")
        case .assl:
            Recipe(
                start: .regularized, structure: .aligned,
                note: "the same channels everywhere, regularized, then finetuned")
        case .ssl1:
            Recipe(
                start: .regularized, structure: .aligned, hasTeacher: true,
                note: "ASSL with temporal finetuning")
        case .ssl2:
            Recipe(
                start: .regularized, structure: .ungrouped,
                note: "SSL3, but filters before pixel-shuffle go one by one, not in groups")
        case .ssl3: Recipe(start: .regularized, note: "SSL without temporal finetuning")
        case .ssl: Recipe(start: .regularized, hasTeacher: true, note: "SSL, all of it")
        case .sslMinLocal:
            Recipe(
                start: .regularized, scope: .local, hasTeacher: true,
                note: "SSL, smallest of each layer")
        case .sslMaxGlobal:
            Recipe(
                start: .regularized, order: .max, hasTeacher: true,
                note: "SSL, largest of all removed")
        case .sslMaxLocal:
            Recipe(
                start: .regularized, scope: .local, order: .max, hasTeacher: true,
                note: "SSL, largest of each layer removed")
        case .sslRandom:
            Recipe(
                start: .regularized, order: .random, hasTeacher: true,
                note: "SSL, units chosen at random")
        case .sslTaylor:
            Recipe(
                start: .regularized, score: .taylor, hasTeacher: true,
                note: "SSL, those removed that the loss is expected to change least by")
        case .sslCompensated:
            Recipe(
                start: .regularized, isRefitted: true, hasTeacher: true,
                note: "SSL, what is left refitted by least squares before temporal finetuning")
        case .compensatedOnly:
            Recipe(
                start: .compensated, isTrained: false,
                note: "refitted by least squares, no training")
        case .compensated:
            Recipe(start: .compensated, note: "refitted by least squares, then finetuned")
        case .compensatedTemporal:
            Recipe(
                start: .compensated, hasTeacher: true,
                note: "refitted by least squares, then temporal finetuning")
        }
    }

    /// Whether it is calibrated on clips.
    var isCalibrated: Bool { recipe.start == .compensated || recipe.isRefitted }

    /// Whether its cells differ by target.
    var hasTarget: Bool { recipe.start != .parent }

    /// Whether its cells differ by seed.
    var hasSeed: Bool { recipe.isTrained }
}
