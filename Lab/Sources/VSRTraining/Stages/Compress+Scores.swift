import Torch
import VSRCore
import VSRModel
import VSRNetworks
import VSRPruning

extension Compress {
    /// Taylor scores of the present network, factors included, by the batches from `iteration` on.
    ///
    /// - Throws: `cancelled` on request; what decoding a batch throws; `corruptData` where a gradient
    ///   is not finite.
    func taylorScores(
        at iteration: Int, _ cancellation: Cancellation? = nil
    ) throws -> PruningScores {
        guard let batches else {
            throw VSRError(.notFound, "Taylor scores need clips, which only a run of the stage has")
        }
        var scores = try TaylorScores(
            of: network.blueprint, structure: configuration.selection.structure)
        let count = configuration.selection.scoreBatches ?? PruningSettings.standardScoreBatches
        for index in iteration..<iteration + count {
            try cancellation?.check()
            try add(
                batch(batches.batch(index), isChannelsLast: configuration.run.channelsLast),
                to: &scores)
        }
        return scores.scores
    }

    /// Adds a batch to scores.
    ///
    /// A weight's gradient times the weight is the same with and without the factor on it, so that
    /// factors need not be folded.
    func add(_ batch: ClipBatch, to scores: inout TaylorScores) throws {
        let parameters = network.parameters.filter { !$0.key.role.isFlow }
            .sorted { $0.key.name < $1.key.name }
        let gradients = try reconstruction(of: batch).gradients(of: parameters.map(\.value))
        var found: [TensorKey: ModelTensor] = [:]
        for (parameter, gradient) in zip(parameters, gradients) {
            found[parameter.key] = try gradient.map {
                ModelTensor(shape: parameter.value.shape, values: try $0.floats())
            }
        }
        try scores.add(found, of: network.model())
    }
}
