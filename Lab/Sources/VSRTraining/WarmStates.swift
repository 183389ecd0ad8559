import Torch
import VSRModel
import VSRNetworks

/// What is known of a batch when its steps begin.
struct WarmStates {
    /// The states that branches begin with, warped to the frames that they meet first.
    var states: [Blueprint.Branch: Tensor] = [:]
    /// The flows through the frames around, for a teacher that shares them.
    var flows: [Blueprint.Branch: Tensor]?
}

extension BasicVSR {
    /// Runs the network over the frames around a batch, without recording anything for gradients.
    ///
    /// Nothing is done, and nothing given, for batches without such frames. To be called outside of
    /// autocast: the converted weights that it keeps would be without gradients, so this has a scope
    /// of its own.
    func warmStates(around batch: ClipBatch, _ run: RunSettings) throws -> WarmStates {
        guard let surroundings = batch.surroundings else { return WarmStates() }
        return try withoutGradients {
            try autocasting(run.bfloat16, device) {
                let assembled = try assembled(convolutions: run.convolutions)
                let flows =
                    try batch.flowsAround ?? assembled.flows(around: batch.low, surroundings)
                return WarmStates(
                    states: try assembled.warmStates(
                        around: batch.low, surroundings, flows: flows),
                    flows: flows)
            }
        }
    }
}
