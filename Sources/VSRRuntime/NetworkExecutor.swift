import VSRCore
import VSRModel

/// Runs the steps of one network (flow, propagation, upsampling) for frames of one size.
///
/// Pictures, flows and hidden states live in numbered slots inside of the executor, in whatever
/// form suits it; a ``Recurrence`` decides what goes where.
protocol NetworkExecutor: AnyObject {
    var blueprint: Blueprint { get }
    var frameSize: FrameSize { get }

    /// While set, pictures are loaded but nothing is computed: states and flows stay as they are, and
    /// targets are left as they were.
    var isReplaying: Bool { get set }

    /// Times recorded so far, in the order in which layers first ran; empty unless asked for.
    var timings: [LayerTiming] { get }

    /// Forgets the times recorded so far.
    func resetTimings()

    /// Bytes of the maps and planes held, without weights and the kernels' scratch; `nil` where
    /// nobody counts them.
    var plannedBytes: Int? { get }

    /// Makes sure that there are this many slots of each kind; what they hold stays.
    func reserve(pictures: Int, flows: Int, states: Int) throws

    /// Takes a low-resolution picture of the executor's frame size.
    func load(_ source: PictureSource, picture: Int) throws

    /// Estimates where in picture `supporting` the pixels of picture `reference` are found.
    func estimateFlow(reference: Int, supporting: Int, flow: Int) throws

    /// Computes the hidden state of `branch` at `picture`.
    ///
    /// - Parameters:
    ///   - origin: The state of the branch's previous frame and the flow to it; `nil` at the
    ///     branch's first frame, whose origin is zero wherever a flow would lead.
    ///   - state: The slot that is written, which may be the origin's.
    func propagate(
        _ branch: Blueprint.Branch, picture: Int, from origin: StateOrigin?, state: Int) throws

    /// Writes the high-resolution picture from the hidden states in `states`, one of each of the
    /// blueprint's branches, in their order.
    func upsample(picture: Int, states: [Int], into target: PictureTarget) throws

    /// Contents of slots, for comparisons between executors.
    func hiddenState(_ state: Int) throws -> FeatureMap
    func flow(_ flow: Int) throws -> FeatureMap
    func setFlow(_ map: FeatureMap, flow: Int) throws

    /// Calls `body` with the planes `[3, height, width]` of a picture.
    func withPicture<Result>(
        _ picture: Int, _ body: (UnsafePointer<Float>) throws -> Result
    ) rethrows -> Result

    // What a ``StabilityGuard`` needs. A branch has one held state, allocated when it is
    // first written.

    /// Copies the pixels of `area` from a state to a held state.
    func hold(state: Int, as held: Int, in area: PixelArea) throws

    /// The held states that were written, by their numbers.
    func heldMaps() throws -> [Int: FeatureMap]

    /// Writes a state, or a held one.
    func set(_ place: StatePlace, to map: FeatureMap) throws

    /// Sets how much of another state a blend takes: `[height, width]` in 0…1.
    func setShares(_ shares: [Float], slot: Int) throws

    /// Copies a state to another slot.
    func copy(state: Int, to other: Int) throws

    /// Moves a state towards another; a share of 0 changes no bit.
    func blend(_ source: StatePlace, into state: StatePlace, shares: Int) throws

    /// The mean square of a state's values, of every `rowStep`-th row only.
    func meanSquare(ofState state: Int, rowStep: Int) throws -> Double
}

extension NetworkExecutor {
    var timings: [LayerTiming] { [] }
    func resetTimings() {}
    var plannedBytes: Int? { nil }
}

/// A slot of the states that a ``Recurrence`` numbers, or of those that a ``StabilityGuard`` keeps.
enum StatePlace {
    case state(Int)
    case held(Int)
}

/// Where a hidden state comes from.
struct StateOrigin {
    var state: Int
    var flow: Int
    /// Whether `state` counts held states instead.
    var isHeld = false
}
