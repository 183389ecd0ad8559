import VSRCore

extension Model {
    /// The model without the finest levels of its flow network: flow is found in frames that are
    /// smaller by `factor`, and enlarged.
    ///
    /// Each halving leaves about a quarter of the flow network's cost.
    ///
    /// - Parameter factor: A power of two; 1 changes nothing.
    /// - Throws: `invalidArgument` where no level would be left or the factor is no power of two.
    public func reducingFlow(by factor: Int) throws -> Model {
        let removed = factor > 0 ? factor.trailingZeroBitCount : 0
        let levels = blueprint.flow.levels
        guard factor > 0, factor == 1 << removed, removed < levels else {
            throw VSRError(
                .invalidArgument,
                "a flow network of \(levels) levels can be reduced by a power of two up to "
                    + "\(1 << (levels - 1)), not by \(factor)")
        }
        var result = self
        result.blueprint.flow.levels -= removed
        result.blueprint.flow.reduction *= factor
        for level in levels - removed..<levels {
            for layer in blueprint.flowLayers(level: level) {
                for tensor in layer.tensors { result.tensors[tensor.key] = nil }
            }
        }
        return result
    }
}
