import VSRCore

extension Model {
    /// Sixteen hexadecimal digits that change with the architecture and with any weight, not with
    /// metadata: by them a note about weights is told from one about others.
    ///
    /// FNV-1a of 64 bits over words instead of bytes; it tells accidents apart, not forgeries.
    public var fingerprint: String {
        var hash = WordHash()
        hash.add((try? blueprint.json()) ?? "")
        addTensors(to: &hash) { _ in true }
        return hash.digits
    }

    /// The same of the flow network alone, which networks may have in common.
    public var flowFingerprint: String {
        var hash = WordHash()
        let keys = Set(blueprint.flowLayers.flatMap { $0.tensors.map(\.key) })
        addTensors(to: &hash, where: keys.contains)
        // Shapes of tensors do not tell it.
        if blueprint.flow.reduction != 1 { hash.add(UInt64(blueprint.flow.reduction)) }
        return hash.digits
    }

    /// Names, shapes and values, in the order of the names.
    private func addTensors(to hash: inout WordHash, where isIncluded: (TensorKey) -> Bool) {
        let named = tensors.filter { isIncluded($0.key) }
            .map { (name: $0.key.name, tensor: $0.value) }
        for (name, tensor) in named.sorted(by: { $0.name < $1.name })
        where !tensor.values.isEmpty {
            hash.add(name)
            tensor.shape.forEach { hash.add(UInt64($0)) }
            for value in tensor.values { hash.add(UInt64(value.bitPattern)) }
        }
    }
}
