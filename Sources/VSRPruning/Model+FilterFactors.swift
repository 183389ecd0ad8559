import VSRCore
import VSRModel

extension Model {
    /// The same function without factors on filters: each is multiplied into the filters that it
    /// acts on, biases included.
    ///
    /// - Parameter factors: By a convolution's name a factor for each of its filters, or for each
    ///   pixel-shuffle group of four.
    /// - Throws: `invalidArgument` where factors do not fit, `notFound` or `shapeMismatch` naming a
    ///   tensor.
    public func folding(filterFactors factors: [String: [Float]]) throws -> Model {
        let layers = blueprint.layersByName
        var result = self
        for (name, factors) in factors {
            guard let layer = layers[name], !factors.isEmpty, factors.allSatisfy(\.isFinite),
                layer.outputs.isMultiple(of: factors.count)
            else {
                throw VSRError(
                    .invalidArgument,
                    "\(name) has \(layers[name]?.outputs ?? 0) filters but \(factors.count) "
                        + "factors, or one that is not finite")
            }
            let filters = factors.repeated(to: layer.outputs)
            result.tensors[layer.weightName] = try result.weight(of: layer)
                .scaled(outputs: filters)
            result.tensors[layer.biasName] = try result.bias(of: layer).scaled(outputs: filters)
        }
        return result
    }
}
