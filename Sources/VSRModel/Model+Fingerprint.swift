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
        let digits = String(hash.value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

/// Source: Fowler, Noll, Vo, RFC 9923, with words for bytes.
private struct WordHash {
    private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func add(_ word: UInt64) {
        value = (value ^ word) &* 0x0000_0100_0000_01b3
        // A product's low bits depend on the factors' low bits only: bring the high ones down.
        value ^= value >> 32
    }

    mutating func add(_ text: String) {
        for byte in text.utf8 { add(UInt64(byte)) }
        add(UInt64(text.utf8.count))
    }
}
