import VSRCore
import VSRModel

extension AlignedGroup: LosslessStringConvertible {
    /// What ``description`` gives.
    public init?(_ description: String) {
        if description == AlignedGroup.fusion.description {
            self = .fusion
        } else if let branch = Blueprint.Branch(rawValue: description) {
            self = .trunk(branch)
        } else {
            switch UnitGroup(description) {
            case .block(let branch, let index, .middle): self = .middle(branch, index)
            case .upsampler(let unit): self = .upsampler(unit)
            default: return nil
            }
        }
    }
}

extension AlignedGroup: TextCodable {
    public static let noun = "a group of an aligned structure"
}

extension AlignedSelection: Codable {
    private enum CodingKeys: String, CodingKey { case kept }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(kept: try container.decode([AlignedGroup: [Int]].self, forKey: .kept))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(kept, forKey: .kept)
    }

    /// The units of a group that go, of `count`, ascending.
    public func removed(in group: AlignedGroup, of count: Int) -> [Int] {
        let kept = Set(kept[group] ?? [])
        return (0..<count).filter { !kept.contains($0) }
    }
}
