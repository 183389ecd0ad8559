import VSRCore
import VSRModel

extension Model {
    /// The same function without factors on filters: each is multiplied into the filters that it
    /// acts on, biases included.
    ///
    /// - Parameter factors: For each convolution a factor per filter, or per pixel-shuffle group; as
    ///   many as it has of one of them.
    /// - Throws: `invalidArgument` where factors do not fit, `notFound` or `shapeMismatch` naming a
    ///   tensor.
    public func folding(filterFactors factors: [Layer.Role: [Float]]) throws -> Model {
        let layers = blueprint.layersByRole
        var result = self
        for (role, factors) in factors {
            guard let layer = layers[role], factors.allSatisfy(\.isFinite),
                [1, layer.filtersPerUnit].contains(where: {
                    factors.count * $0 == layer.outputs
                })
            else {
                throw VSRError(
                    .invalidArgument,
                    "\(role.name) has \(layers[role]?.outputs ?? 0) filters, which do not fit "
                        + "\(factors.count) factors, or one of these is not finite")
            }
            try result.scale(filtersOf: layer, by: factors)
        }
        return result
    }
}
