import VSRCore

/// Tensor names of BasicSR's and mmagic's BasicVSR, and of SPyNet alone, in terms of ours.
enum ForeignNames {
    /// Dictionaries and modules that may surround the network, those with averaged weights first.
    private static let wrappers = [
        "params_ema", "generator_ema", "params", "state_dict", "generator", "module", "model",
        "net_g", "spynet",
    ]

    private static let renamedParts = [
        ("backward_resblocks.", "backward_trunk."), ("forward_resblocks.", "forward_trunk."),
        ("upsample1.upsample_conv.", "upconv1."), ("upsample2.upsample_conv.", "upconv2."),
    ]

    /// Constants of the normalization, which is ours too, and counters of training.
    private static let ignored = ["spynet.mean", "spynet.std", "step_counter"]

    /// The tensors of a BasicVSR network: our names to the file's.
    ///
    /// - Throws: `unsupported` naming the file and what it holds instead.
    static func network(in source: any TensorSource) throws -> [String: String] {
        try mapped(source, anchor: "fusion.weight", network: "BasicVSR") { name in
            ignored.contains(name) ? nil : ours(name)
        }
    }

    /// The tensors of a flow network: our names to the file's.
    ///
    /// - Throws: `unsupported` naming the file and what it holds instead.
    static func flow(in source: any TensorSource) throws -> [String: String] {
        let anchors = [
            "basic_module.0.basic_module.0.weight", "basic_module.0.basic_module.0.conv.weight",
        ]
        let anchor = anchors.first { anchor in source.names.contains { $0.hasSuffix(anchor) } }
        return try mapped(source, anchor: anchor ?? anchors[0], network: "SPyNet") { name in
            name.hasPrefix("basic_module.") ? ours("spynet.\(name)") : nil
        }
    }

    /// Follows the one wrapper around `anchor` and translates all names beneath it.
    private static func mapped(
        _ source: any TensorSource, anchor: String, network: String,
        translate: (String) -> String?
    ) throws -> [String: String] {
        let found = source.names.filter { $0 == anchor || $0.hasSuffix(".\(anchor)") }
            .map { String($0.dropLast(anchor.count)) }
        let ranked = found.compactMap { prefix in rank(prefix).map { (rank: $0, prefix: prefix) } }
        guard let best = ranked.min(by: { ($0.rank, $0.prefix) < ($1.rank, $1.prefix) }) else {
            let names = source.names.prefix(3).joined(separator: ", ")
            throw VSRError(
                .unsupported,
                "\(source.path) holds no \(network) weights: it has no tensor \(anchor), but "
                    + (names.isEmpty ? "none at all" : names))
        }
        var result: [String: String] = [:]
        for name in source.names where name.hasPrefix(best.prefix) {
            guard let ours = translate(String(name.dropFirst(best.prefix.count))) else { continue }
            result[ours] = name
        }
        return result
    }

    /// Smaller is better; `nil` where something else surrounds the network.
    private static func rank(_ prefix: String) -> Int? {
        let parts = prefix.split(separator: ".").map(String.init)
        let ranks = parts.compactMap { wrappers.firstIndex(of: $0) }
        guard ranks.count == parts.count else { return nil }
        return ranks.min() ?? 0
    }

    private static func ours(_ name: String) -> String {
        for (theirs, ours) in renamedParts where name.hasPrefix(theirs) {
            return ours + name.dropFirst(theirs.count)
        }
        return flowName(name) ?? name
    }

    /// mmagic wraps each convolution of SPyNet and does not count the activations between.
    private static func flowName(_ name: String) -> String? {
        let parts = name.split(separator: ".")
        guard parts.count == 7, parts[0] == "spynet", parts[5] == "conv",
            let level = Int(parts[2]), let convolution = Int(parts[4]),
            (0..<100).contains(convolution)
        else { return nil }
        return "\(Layer.Role.flow(level: level, convolution: convolution).name).\(parts[6])"
    }
}
