import VSRCore
import VSRModel

/// Shares of the units that single parts of a network lose, whatever becomes of the others.
///
/// In files a group of keys: `{upsampler: 0.5, forward: 0.3}`.
public struct PartRatios: Sendable, Hashable {
    public var ratios: [PrunablePart: Double]

    public init(_ ratios: [PrunablePart: Double] = [:]) { self.ratios = ratios }

    /// Parts and ratios in the order of their names.
    var sorted: [(part: PrunablePart, ratio: Double)] {
        ratios.map { ($0.key, $0.value) }.sorted { $0.0.rawValue < $1.0.rawValue }
    }

    /// What is removed of each part, `0.5 of upsampler`, in the order of their names.
    public var described: [String] { sorted.map { "\($0.ratio) of \($0.part.rawValue)" } }

    /// The same shares of a step on the way: `share` of each.
    public func scaled(by share: Double) -> PartRatios {
        PartRatios(ratios.mapValues { share * $0 })
    }

    /// Checks that every ratio is one, and that no unit belongs to two parts.
    ///
    /// - Parameter excluded: What stays as it is.
    /// - Throws: `InvalidSetting` naming the parts.
    func validate(excluding excluded: [PrunablePart]) throws {
        for (part, ratio) in sorted {
            try InvalidSetting.require(
                (0...1).contains(ratio), PruningSettings.partRatioKey, "\(part.rawValue)=\(ratio)",
                "from 0 to 1 for each part")
        }
        for (part, _) in sorted {
            let others = sorted.map(\.part).filter { $0 != part } + excluded
            guard let other = others.first(where: part.overlaps) else { continue }
            let isExcluded = excluded.contains(other)
            throw InvalidSetting(
                PruningSettings.partRatioKey,
                found: "given for \(part.rawValue)\(isExcluded ? "" : " and \(other.rawValue)")",
                permitted: isExcluded
                    ? "left out for what exclude names, \(other.rawValue)"
                    : "given once for a unit: leave one of the two out")
        }
    }
}

extension PartRatios: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (PrunablePart, Double)...) {
        self.init(Dictionary(elements, uniquingKeysWith: { $1 }))
    }
}

extension PartRatios: Codable {
    private struct PartKey: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    /// - Throws: `dataCorrupted` naming a key that is no part.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: PartKey.self)
        self.init()
        for key in container.allKeys {
            guard let part = PrunablePart(rawValue: key.stringValue) else {
                let names = PrunablePart.allCases.map(\.rawValue).joined(separator: ", ")
                throw DecodingError.dataCorruptedError(
                    forKey: key, in: container,
                    debugDescription: "it is no part of a network; there are \(names)")
            }
            ratios[part] = try container.decode(Double.self, forKey: key)
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: PartKey.self)
        for (part, ratio) in sorted {
            try container.encode(ratio, forKey: PartKey(stringValue: part.rawValue))
        }
    }
}

extension PrunablePart {
    /// Whether some unit may belong to both.
    func overlaps(_ other: PrunablePart) -> Bool {
        switch (self, other) {
        case (.trunk, .branch), (.branch, .trunk), (.upsampler, .layer), (.layer, .upsampler): true
        default: self == other
        }
    }
}
