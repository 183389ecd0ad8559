import VSRCore
import VSRModel

/// First-order Taylor scores: by how much the loss is expected to change when a unit goes.
///
/// For one batch `|Σ g · w|` over all that the unit owns in its own convolutions: conv1's weights of
/// an input channel; a filter and its bias; the filters of a pixel-shuffle group and their biases; in
/// an aligned structure the filters of all tied convolutions. Over several batches their mean.
///
/// The sum is the derivative of the loss by a factor on the unit's output. What the next convolution
/// reads from the unit goes too, but is not counted: ReLUs pass positive factors on, so that its sum
/// is the same derivative once more, and would only double the scores of units that are read by a
/// convolution of their own.
///
/// Source: Molchanov et al., "Importance Estimation for Neural Network Pruning", CVPR 2019, the joint
/// first-order importance of a group, there squared; the absolute value ranks alike for one batch and
/// is a change of loss.
public struct TaylorScores: Sendable {
    private let blueprint: Blueprint
    private let structure: PruningOptions.Structure
    private var units: [UnitGroup: [Double]] = [:]
    private var groups: [AlignedGroup: [Double]] = [:]
    private var filters: [UnitGroup: [Double]] = [:]
    /// Batches whose gradients were added.
    public private(set) var batches = 0

    /// - Throws: `unsupported` for an aligned structure of networks that are not dense.
    public init(of blueprint: Blueprint, structure: PruningOptions.Structure) throws {
        if structure == .aligned { try blueprint.requireAlignable() }
        self.blueprint = blueprint
        self.structure = structure
    }

    /// Adds a batch.
    ///
    /// - Parameter gradients: Of the mean loss, by tensor; one that is missing is 0.
    /// - Throws: `notFound` or `shapeMismatch` naming a tensor; `corruptData` where a gradient is not
    ///   finite.
    public mutating func add(_ gradients: [TensorKey: ModelTensor], of model: Model) throws {
        let layers = blueprint.layersByRole
        let changes = Changes(model: model, gradients: gradients)
        switch structure {
        case .free, .ungrouped:
            for unit in blueprint.unitGroups {
                guard let layer = layers[unit.role] else { continue }
                let own =
                    unit.isInput
                    ? try changes.byInput(layer)
                    : try changes.byFilter(layer).sums(ofGroups: layer.filtersPerUnit)
                units[unit] = own.map(\.magnitude).added(to: units[unit])
            }
            for layer in blueprint.shufflingLayers where structure == .ungrouped {
                guard let group = layer.outputUnits else { continue }
                filters[group] = try changes.byFilter(layer).map(\.magnitude)
                    .added(to: filters[group])
            }
        case .aligned:
            for group in blueprint.alignedGroups {
                var own: [Double]?
                for layer in group.roles(in: blueprint).compactMap({ layers[$0] }) {
                    own = try changes.byFilter(layer).sums(ofGroups: layer.filtersPerUnit)
                        .added(to: own)
                }
                groups[group] = (own ?? []).map(\.magnitude).added(to: groups[group])
            }
        }
        batches += 1
    }

    /// The means over the batches.
    public var scores: PruningScores {
        let share = 1 / Double(max(batches, 1))
        func means<Key>(_ sums: [Key: [Double]]) -> [Key: [Double]] {
            sums.mapValues { $0.map { $0 * share } }
        }
        return switch structure {
        case .free: .free(UnitScores(values: means(units)))
        case .aligned: .aligned(AlignedScores(values: means(groups)))
        case .ungrouped: .ungrouped(UnitScores(values: means(units)), filters: means(filters))
        }
    }
}

/// Sums of gradient × weight.
private struct Changes {
    let model: Model
    let gradients: [TensorKey: ModelTensor]

    /// For each filter, over its weights, bias and whatever else belongs to it.
    func byFilter(_ layer: Layer) throws -> [Double] {
        var sums = Array(repeating: 0.0, count: layer.outputs)
        for (key, shape) in layer.tensors {
            let products = try products(key, shape)
            let size = products.count / max(layer.outputs, 1)
            for (index, product) in products.enumerated() { sums[index / size] += product }
        }
        return sums
    }

    /// For each input channel, over the weights that read it.
    func byInput(_ layer: Layer) throws -> [Double] {
        var sums = Array(repeating: 0.0, count: layer.inputs)
        let area = layer.kernelSize * layer.kernelSize
        for (index, product) in try products(layer.weight, layer.weightShape).enumerated() {
            sums[index / area % layer.inputs] += product
        }
        return sums
    }

    private func products(_ key: TensorKey, _ shape: [Int]) throws -> [Double] {
        let values = try model.tensor(key, shape: shape).values
        guard let gradient = gradients[key] else {
            return Array(repeating: 0, count: values.count)
        }
        guard gradient.shape == shape else {
            throw VSRError(
                .shapeMismatch,
                "the gradient of \(key.name) has shape \(gradient.shape), not \(shape)")
        }
        guard gradient.values.allSatisfy(\.isFinite) else {
            throw VSRError(
                .corruptData,
                "the gradient of \(key.name) is not finite, so that units cannot be scored by it: "
                    + "score by l1, or train the model anew")
        }
        return zip(gradient.values, values).map { Double($0) * Double($1) }
    }
}

extension [Double] {
    /// The sum with `others`, element by element.
    fileprivate func added(to others: [Double]?) -> [Double] {
        others.map { zip($0, self).map(+) } ?? self
    }
}
