import VSRCore

extension Model {
    /// Sixteen hexadecimal digits that change with the architecture and with any weight, not with
    /// metadata: by them a note about weights is told from one about others.
    ///
    /// FNV-1a of 64 bits over words instead of bytes; it tells accidents apart, not forgeries.
    public var fingerprint: String {
        var hash = WordHash()
        hash.add((try? blueprint.json()) ?? "")
        let named = tensors.map { (name: $0.key.name, tensor: $0.value) }
        for (name, tensor) in named.sorted(by: { $0.name < $1.name })
        where !tensor.values.isEmpty {
            hash.add(name)
            tensor.shape.forEach { hash.add(UInt64($0)) }
            for value in tensor.values { hash.add(UInt64(value.bitPattern)) }
        }
        return hash.digits
    }
}
