import VSRCore

/// Where in a file a network lies: the prefix of its tensors' names.
///
/// Trainers, wrappers and compilers put keys and modules around a network: `params.`,
/// `state_dict.generator.`, `model_state_dict.module.`, `_orig_mod.`, `net.`. None of them needs to
/// be known: the prefix is whatever precedes a tensor that every such network has.
struct NetworkLocation {
    /// Ends with a dot, unless it is empty.
    let prefix: String
    /// The network's tensors: names after the prefix, without wrappers between, to the file's.
    let names: [String: String]
    /// The other places that hold such a network, and were not taken.
    let alternatives: [String]
    /// The file's tensors outside of the network.
    let others: [String]

    /// Modules that training puts between a module and its own.
    private static let wrappers: Set<String> = [
        "_orig_mod", "module", "_fsdp_wrapped_module", "_checkpoint_wrapped_module",
    ]

    /// More networks than any checkpoint has.
    private static let greatestCount = 64

    /// Finds the network that has the tensor `anchor`.
    ///
    /// - Parameters:
    ///   - companions: Names that belong beside the anchor; places that lack one count only where
    ///     no place has all.
    ///   - network: What it is called in errors.
    ///   - prefix: The place to be taken; `nil` for the only one, or the only one of averaged
    ///     weights.
    ///   - choice: What a user can do where several places come into question, for the error.
    /// - Throws: `unsupported` naming the file and what it holds instead; `invalidArgument` where
    ///   several places come into question, naming all.
    init(
        of anchor: String, companions: [String] = [], network: String,
        in source: any TensorSource, prefix wanted: String? = nil, choice: String
    ) throws {
        let all = source.names
        let known = Set(all)
        let found = all.filter { $0 == anchor || $0.hasSuffix(".\(anchor)") }
            .map { String($0.dropLast(anchor.count)) }
        let complete = found.filter { place in
            companions.allSatisfy { known.contains(place + $0) }
        }
        let places = complete.isEmpty ? found : complete
        guard !places.isEmpty else { throw Self.nothing(anchor, network, source) }
        guard found.count <= Self.greatestCount else {
            throw VSRError(
                .unsupported, "\(source.path) holds \(network) \(found.count) times: save one alone"
            )
        }
        let prefix = try Self.chosen(places, wanted, network, source.path, choice)
        let nested = found.filter { $0 != prefix && $0.hasPrefix(prefix) }
        var names: [String: String] = [:]
        var others: [String] = []
        for name in all {
            guard name.hasPrefix(prefix), !nested.contains(where: { name.hasPrefix($0) }) else {
                others.append(name)
                continue
            }
            let parts = name.dropFirst(prefix.count).split(separator: ".")
            names[parts.filter { !Self.wrappers.contains(String($0)) }.joined(separator: ".")] =
                name
        }
        self.prefix = prefix
        self.names = names
        self.others = others
        alternatives = places.filter { $0 != prefix }
    }

    private static func chosen(
        _ places: [String], _ wanted: String?, _ network: String, _ path: String,
        _ choice: String
    ) throws -> String {
        if let wanted {
            let ending = wanted.isEmpty || wanted.hasSuffix(".") ? wanted : "\(wanted)."
            guard places.contains(ending) else {
                throw VSRError(
                    .invalidArgument,
                    "\(path) holds no \(network) under the prefix \(quoted(wanted)): there is one "
                        + "under \(listed(places))")
            }
            return ending
        }
        if places.count == 1 { return places[0] }
        let averaged = places.filter(isAveraged)
        guard averaged.count == 1 else {
            let several = averaged.isEmpty ? places : averaged
            throw VSRError(
                .invalidArgument,
                "\(path) holds \(network) \(several.count) times, under \(listed(several)): "
                    + choice)
        }
        return averaged[0]
    }

    /// Whether weights there are averages over training, which upscale better: `params_ema.`,
    /// `generator_ema.`, `ema.module.`, `netG_EMA.`.
    private static func isAveraged(_ place: String) -> Bool {
        place.lowercased().split { $0 == "." || $0 == "_" }.contains { $0 == "ema" }
    }

    private static func nothing(
        _ anchor: String, _ network: String, _ source: any TensorSource
    ) -> VSRError {
        let names = source.names.prefix(3).joined(separator: ", ")
        return VSRError(
            .unsupported,
            "\(source.path) holds no \(network) weights: it has no tensor \(anchor), but "
                + (names.isEmpty ? "none at all" : names))
    }

    static func listed(_ places: [String]) -> String {
        places.map(quoted).joined(separator: ", ")
    }

    /// The prefix as a user would type it.
    static func quoted(_ place: String) -> String {
        let name = place.hasSuffix(".") ? String(place.dropLast()) : place
        return name.isEmpty ? "\"\" (no prefix)" : "\"\(name)\""
    }
}

extension NetworkLocation {
    /// What of the file was left out, in a sentence; `nil` where nothing was.
    ///
    /// Names the modules beside the network, at most four.
    var omission: String? {
        let outside = others.filter { name in !alternatives.contains { name.hasPrefix($0) } }
        guard !outside.isEmpty else { return nil }
        var groups: [String] = []
        for name in outside {
            let group = Self.group(of: name, beside: prefix)
            if !groups.contains(group) { groups.append(group) }
        }
        let shown = groups.prefix(4).joined(separator: ", ") + (groups.count > 4 ? ", …" : "")
        return "left out \(outside.count) tensor\(outside.count == 1 ? "" : "s") outside of the "
            + "network: \(shown)"
    }

    /// The name up to the first part that differs from the prefix.
    private static func group(of name: String, beside prefix: String) -> String {
        let parts = name.split(separator: ".")
        let own = prefix.split(separator: ".")
        let shared = zip(parts, own).prefix { $0 == $1 }.count
        return parts.prefix(shared + 1).joined(separator: ".")
    }
}
