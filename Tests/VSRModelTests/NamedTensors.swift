import VSRModel

extension [TensorKey: ModelTensor] {
    /// The tensors under their names in files.
    var named: [String: ModelTensor] {
        [String: ModelTensor](
            map { ($0.key.name, $0.value) }, uniquingKeysWith: { first, _ in first })
    }
}
