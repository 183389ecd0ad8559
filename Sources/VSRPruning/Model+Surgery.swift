import VSRCore
import VSRModel

/// Which filters of a convolution stay, and which of its inputs; `nil` for all.
struct LayerCut {
    var outputs: [Int]?
    var inputs: [Int]?
}

extension Model {
    /// The network without the selected units: equal to this one with their factors at 0.
    ///
    /// - Throws: `invalidArgument` where the selection does not fit, `notFound` or `shapeMismatch`
    ///   naming a tensor.
    public func removing(_ selection: UnitSelection) throws -> Model {
        let smaller = try blueprint.removing(selection)
        return try cut(to: smaller) { layer in
            func kept(_ units: UnitGroup) -> [Int] {
                selection.kept(in: units, of: blueprint.unitCount(of: units))
            }
            return LayerCut(
                outputs: layer.outputUnits.map { layer.filters(of: kept($0)) },
                inputs: layer.inputUnits.map(kept))
        }
    }

    /// The network of another blueprint, whose layers are cut out of this one's.
    func cut(to smaller: Blueprint, _ cut: (Layer) -> LayerCut) throws -> Model {
        var result = Model(blueprint: smaller, tensors: [:], metadata: metadata)
        let sources = blueprint.layersByRole
        for layer in smaller.layers {
            guard let source = sources[layer.role] else {
                throw VSRError(
                    .notFound, "the model has no layer \(layer.name) to cut a smaller one from")
            }
            var cut = cut(source)
            // A layer whose sources are all gone keeps its bias alone, whatever was listed.
            if layer.inputs == 0 { cut.inputs = [] }
            for (key, shape) in source.tensors {
                result.tensors[key] = try tensor(key, shape: shape).slice(cut)
            }
        }
        return result
    }
}

extension Layer {
    /// The filters that make the given units.
    func filters(of units: [Int]) -> [Int] {
        units.flatMap { filtersPerUnit * $0..<filtersPerUnit * ($0 + 1) }
    }
}
