/// The names of layers and tensors in files, as BasicSR has them.
///
/// Only code that reads or writes files, or prints for people, asks for names; everything else
/// knows layers by their ``Layer/Role``. What one function here writes, the other reads.
extension Layer.Role {
    /// `forward_trunk.main.2.7.conv1`, `fusion`, `spynet.basic_module.0.basic_module.8`.
    public var name: String {
        switch self {
        case .first(let branch): "\(Self.trunkName(branch)).main.0"
        case .block(let branch, let index, let convolution):
            "\(Self.blockName(branch, index)).\(convolution == .first ? "conv1" : "conv2")"
        case .fusion: "fusion"
        case .upconvolution(let index): "upconv\(index + 1)"
        // BasicVSR has one, without a number.
        case .refinement(let index): index == 0 ? "conv_hr" : "conv_hr\(index + 1)"
        case .output: "conv_last"
        // BasicSR's modules count the activations between convolutions, hence the factor 2.
        case .flow(let level, let convolution):
            "spynet.basic_module.\(level).basic_module.\(2 * convolution)"
        }
    }

    /// All residual blocks of a trunk: `forward_trunk.main.2`.
    public static func blocksName(_ branch: Blueprint.Branch) -> String {
        "\(trunkName(branch)).main.2"
    }

    /// A residual block: `forward_trunk.main.2.7`.
    public static func blockName(_ branch: Blueprint.Branch, _ index: Int) -> String {
        "\(blocksName(branch)).\(index)"
    }

    private static func trunkName(_ branch: Blueprint.Branch) -> String {
        branch.rawValue + trunkSuffix
    }

    private static let trunkSuffix = "_trunk"

    /// The role with that name; `nil` where no layer is called so.
    public init?(name: String) {
        guard let role = Self.parsed(name), role.name == name else { return nil }
        self = role
    }

    /// Reads more than is written, `upconv01` for example, which the caller sorts out.
    private static func parsed(_ name: String) -> Layer.Role? {
        let parts = name.split(separator: ".")
        let numbers = parts.map { Int($0) }
        switch (parts.count, parts.first) {
        case (1, "fusion"): return .fusion
        case (1, "conv_hr"): return .refinement(0)
        case (1, "conv_last"): return .output
        case (1, let part?):
            return numbered(part, "upconv").map { .upconvolution($0) }
                ?? numbered(part, "conv_hr").map { .refinement($0) }
        case (5, "spynet"):
            guard let level = numbers[2], let position = numbers[4] else { return nil }
            return .flow(level: level, convolution: position / 2)
        case (3, let trunk?):
            return branch(trunk).map { .first($0) }
        case (5, let trunk?):
            guard let branch = branch(trunk), let index = numbers[3] else { return nil }
            return .block(branch, index, parts[4] == "conv1" ? .first : .second)
        default: return nil
        }
    }

    /// The index that a name's number, from 1, stands for.
    private static func numbered(_ name: Substring, _ kind: String) -> Int? {
        guard name.hasPrefix(kind), let number = Int(name.dropFirst(kind.count)), number > 0 else {
            return nil
        }
        return number - 1
    }

    private static func branch(_ trunk: Substring) -> Blueprint.Branch? {
        guard trunk.hasSuffix(trunkSuffix) else { return nil }
        return Blueprint.Branch(rawValue: String(trunk.dropLast(trunkSuffix.count)))
    }
}

extension Layer {
    public var name: String { role.name }
}

extension TensorKey {
    /// `fusion.weight`.
    public var name: String { "\(role.name).\(kind.rawValue)" }

    /// The tensor with that name; `nil` where none is called so.
    public init?(name: String) {
        guard let dot = name.lastIndex(of: "."),
            let role = Layer.Role(name: String(name[..<dot])),
            let kind = Kind(rawValue: String(name[name.index(after: dot)...]))
        else { return nil }
        self.init(role, kind)
    }
}
