import Foundation
import VSRCore

/// The trunk channels of a dense network that a narrower one kept, in the narrower one's order, so
/// that hidden states of the two can be compared.
///
/// Models carry it as metadata, ``MetadataKey/keptChannels``, in a compact form:
///
///     {"forward": "0-3,7", "width": 8}
public struct KeptChannels: Sendable, Equatable {
    /// The dense network's width.
    public var width: Int
    /// Indices of the dense network's channels, ascending, for each branch.
    public var indices: [Blueprint.Branch: [Int]]

    public init(width: Int, indices: [Blueprint.Branch: [Int]]) {
        self.width = width
        self.indices = indices
    }

    /// What is left of the dense network after two prunings, this one first.
    ///
    /// - Throws: `shapeMismatch` where the later one does not start from this one's channels.
    public func followed(by later: KeptChannels) throws -> KeptChannels {
        var composed = KeptChannels(width: width, indices: [:])
        for (branch, kept) in later.indices {
            let before = indices[branch] ?? []
            guard before.count == later.width, kept.allSatisfy(before.indices.contains) else {
                throw VSRError(
                    .shapeMismatch,
                    "\(before.count) channels of the \(branch) trunk were kept, so none can be "
                        + "chosen of \(later.width)")
            }
            composed.indices[branch] = kept.map { before[$0] }
        }
        return composed
    }

    /// The compact form, the same text for equal values.
    public func json() throws -> String {
        try JSONText.text(CompactForm(width: width, indices: indices), .compact)
    }

    /// Reads the compact form.
    ///
    /// - Throws: `corruptData` naming what is wrong.
    public init(json: String) throws {
        let form: CompactForm
        do {
            form = try JSONDecoder().decode(CompactForm.self, from: Data(json.utf8))
        } catch let error as DecodingError {
            throw VSRError(
                .corruptData, "metadata \(MetadataKey.keptChannels): \(error.explanation())")
        }
        self.init(width: form.width, indices: form.indices)
        guard let last = indices.values.compactMap(\.last).max(), last >= width else { return }
        throw VSRError(
            .corruptData,
            "metadata \(MetadataKey.keptChannels) names channel \(last) of \(width)")
    }

    private struct CompactForm: Codable {
        private enum CodingKeys: String, CodingKey { case width }

        var width: Int
        var indices: [Blueprint.Branch: [Int]]

        init(width: Int, indices: [Blueprint.Branch: [Int]]) {
            self.width = width
            self.indices = indices
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            self.init(width: try container.decode(Int.self, forKey: .width), indices: [:])
            let lists = try decoder.container(keyedBy: BranchKey.self)
            for key in BranchKey.all {
                indices[key.branch] =
                    try lists.decodeIfPresent(IndexList.self, forKey: key)?.indices
            }
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(width, forKey: .width)
            var lists = encoder.container(keyedBy: BranchKey.self)
            for (branch, indices) in indices {
                try lists.encode(IndexList(indices), forKey: BranchKey(branch))
            }
        }
    }
}

extension Model {
    /// The channels that the network kept of the dense one it was narrowed from; `nil` where the
    /// metadata does not say.
    ///
    /// - Throws: `corruptData` where the metadata does not fit the network.
    public func keptChannels() throws -> KeptChannels? {
        guard let json = metadata[MetadataKey.keptChannels] else { return nil }
        let kept = try KeptChannels(json: json)
        for branch in blueprint.branches where kept.indices[branch]?.count != blueprint.width {
            throw VSRError(
                .corruptData,
                "metadata \(MetadataKey.keptChannels) names \(kept.indices[branch]?.count ?? 0) "
                    + "channels of the \(branch) trunk, which has \(blueprint.width): prune the "
                    + "dense model anew")
        }
        return kept
    }
}
