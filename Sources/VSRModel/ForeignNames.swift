import VSRCore

/// Tensor names of BasicSR's and mmagic's BasicVSR, and of SPyNet alone, in terms of ours.
enum ForeignNames {
    /// The projects whose names are known.
    enum Project: String {
        case basicSR = "BasicSR"
        case mmagic
    }

    private static let renamedParts = [
        ("backward_resblocks.", "backward_trunk."), ("forward_resblocks.", "forward_trunk."),
        ("upsample1.upsample_conv.", "upconv1."), ("upsample2.upsample_conv.", "upconv2."),
    ]

    /// Constants of the normalization, which is ours too, and counters of training.
    private static let ignored = ["spynet.mean", "spynet.std", "step_counter"]

    /// A network found in a file.
    struct Network {
        var location: NetworkLocation
        var project: Project
        /// Our names to the file's.
        var names: [String: String]
    }

    /// A BasicVSR network.
    ///
    /// - Parameters:
    ///   - prefix: Where it lies; `nil` to find it.
    ///   - choice: What to do where there are several.
    /// - Throws: What ``NetworkLocation`` throws.
    static func network(
        in source: any TensorSource, prefix: String?, choice: String
    ) throws -> Network {
        let location = try NetworkLocation(
            of: "fusion.weight", companions: ["conv_hr.weight", "conv_last.weight"],
            network: "BasicVSR", in: source, prefix: prefix, choice: choice)
        var names: [String: String] = [:]
        for (name, theirs) in location.names where !ignored.contains(name) {
            names[ours(name)] = theirs
        }
        let isRenamed = location.names.keys.contains { name in
            renamedParts.contains { name.hasPrefix($0.0) }
        }
        return Network(
            location: location, project: isRenamed ? .mmagic : .basicSR, names: names)
    }

    /// The tensors of a flow network: our names to the file's.
    ///
    /// - Throws: What ``NetworkLocation`` throws.
    static func flow(in source: any TensorSource) throws -> [String: String] {
        let anchors = [
            "basic_module.0.basic_module.0.weight", "basic_module.0.basic_module.0.conv.weight",
        ]
        let anchor = anchors.first { anchor in source.names.contains { $0.hasSuffix(anchor) } }
        let location = try NetworkLocation(
            of: anchor ?? anchors[0], network: "SPyNet", in: source,
            choice:
                "give a file with one of them, which \(ModelImport.command) --prefix makes of a "
                + "whole BasicVSR")
        var names: [String: String] = [:]
        for (name, theirs) in location.names where name.hasPrefix("basic_module.") {
            names[ours("spynet.\(name)")] = theirs
        }
        return names
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
