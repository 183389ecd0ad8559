import Foundation
import VSRCore
import VSRImaging

/// A test set as papers use it: which clips, how frames are made and what is measured.
public enum BenchmarkPreset: String, Sendable, Codable, CaseIterable {
    /// Four clips of REDS' training set.
    case reds4
    /// Four clips of REDS' validation set, by which BasicVSR was chosen.
    case redsval4
    /// The test septuplets of Vimeo-90K.
    case vimeo90kT = "vimeo90k-t"
    case vid4
    case udm10
    case spmcs

    /// The samples that are measured.
    public var channels: MetricChannels { self == .reds4 || self == .redsval4 ? .rgb : .luma }

    /// Degradations that figures are published for, the usual one first.
    public var degradations: [Degradation] {
        switch self {
        case .reds4, .redsval4: [.bicubic]
        case .vimeo90kT, .vid4: [.bicubic, .blurred, .blurredUncentered]
        case .udm10: [.blurred, .blurredUncentered]
        case .spmcs: [.blurred, .blurredUncentered, .bicubic]
        }
    }

    /// Whether of each clip only the middle frame is measured.
    public var measuresMiddleOnly: Bool { self == .vimeo90kT }

    /// Whether clips go in followed by their reversal.
    public var mirrorsClips: Bool { self == .vimeo90kT }

    /// Clips and, where all have the same number, frames of each.
    public var counts: (clips: Int, frames: Int?) {
        switch self {
        case .reds4, .redsval4: (4, 100)
        case .vimeo90kT: (7824, 7)
        case .vid4: (4, nil)
        case .udm10: (10, 32)
        case .spmcs: (30, 31)
        }
    }

    /// Frames of a clip, where that is published.
    public func frames(of clip: String) -> Int? {
        guard self == .vid4 else { return counts.frames }
        return ["calendar": 41, "city": 34, "foliage": 49, "walk": 47][clip]
    }

    /// The clips by name; `nil` for all, or for those of a list.
    private var names: [String]? {
        switch self {
        case .reds4: ["000", "011", "015", "020"]
        case .redsval4: ["000", "001", "006", "017"]
        case .vid4: ["calendar", "city", "foliage", "walk"]
        case .vimeo90kT, .udm10, .spmcs: nil
        }
    }

    /// Which clips of a data set are measured.
    ///
    /// - Parameter list: The list that was named instead of the data set's own.
    /// - Throws: `notFound` where the list is missing.
    public func selection(in set: DataSet, list: String? = nil) throws -> ClipSelection {
        switch self {
        case .vimeo90kT:
            let known = ["sep_testlist.txt", "meta_info_Vimeo90K_test_GT.txt"]
            let own = known.compactMap { name in set.lists.first { $0.hasSuffix("/" + name) } }
                .first
            guard let list = list ?? own else {
                throw VSRError(
                    .notFound,
                    "\(set.folder) has no sep_testlist.txt, which says which septuplets are tested: "
                        + "put it there or name it with --list")
            }
            return ClipSelection(list: list)
        case .reds4, .redsval4:
            return ClipSelection(names: try redsNames(set))
        case .vid4, .udm10, .spmcs: return ClipSelection(names: names)
        }
    }

    /// Clips of REDS are called by numbers that training and validation set have in common; BasicSR
    /// moves validation clips to the others as numbers 240 to 269.
    private func redsNames(_ set: DataSet) throws -> [String] {
        let wanted = self == .reds4 ? "train_sharp" : "val_sharp"
        let names = names ?? []
        if set.has(wanted) {
            return set.originals.count > 1 ? names.map { "\(wanted)/\($0)" } : names
        }
        guard self == .redsval4, set.has("train_sharp") else {
            guard !set.has("val_sharp") else {
                throw VSRError(
                    .notFound,
                    "\(set.folder) has REDS' validation clips only, and REDS4 are four of its "
                        + "training clips: name the folder that holds train_sharp")
            }
            // A folder of these four alone.
            guard try set.clips().count <= names.count else {
                throw VSRError(
                    .notFound,
                    "\(set.folder) does not say whether its clips are REDS' training or validation "
                        + "clips, whose numbers are the same: name the folder that holds \(wanted)")
            }
            return names
        }
        return names.map { String(240 + (Int($0) ?? 0)) }
    }

    /// Two columns that say what is measured and what was published.
    public func table(_ degradation: Degradation) -> [[String]] {
        var rows = [["benchmark", title], ["clips", clipsText]]
        rows.append(["low resolution", "\(degradation.rawValue), ×4"])
        rows.append(["measured", "\(channels.rawValue), 8 bits, border 0\(middleText)"])
        if let figures = published[degradation] {
            for (name, value) in figures { rows.append([name, value + ", published"]) }
        }
        return rows
    }

    private var title: String {
        switch self {
        case .reds4: "REDS4"
        case .redsval4: "REDSval4"
        case .vimeo90kT: "Vimeo-90K-T"
        case .vid4: "Vid4"
        case .udm10: "UDM10"
        case .spmcs: "SPMCS-30"
        }
    }

    private var clipsText: String {
        let frames = counts.frames.map { ", \($0) frames each" } ?? ""
        let shown = names.map { ": " + $0.joined(separator: ", ") } ?? ""
        return "\(counts.clips)\(shown)\(frames)"
    }

    private var middleText: String {
        mirrorsClips
            ? "; clip and its reversal go in, the two outputs of the middle frame (im4) are averaged"
            : "; all frames, averaged per clip, clips equally"
    }

    /// PSNR / SSIM of bicubic interpolation and of BasicVSR.
    ///
    /// Source: BasicVSR (Chan et al., CVPR 2021), table of the comparison with the state of the art.
    /// Its bicubic row of the blurred sets is of uncentered samples, see `docs/datasets.md`.
    private var published: [Degradation: [(String, String)]] {
        switch self {
        case .reds4:
            [.bicubic: [("bicubic", "26.14 / 0.7292"), ("BasicVSR", "31.42 / 0.8909")]]
        case .redsval4: [:]
        case .vimeo90kT:
            [
                .bicubic: [("bicubic", "31.32 / 0.8684"), ("BasicVSR", "37.18 / 0.9450")],
                .blurred: [("BasicVSR", "37.53 / 0.9498")],
                .blurredUncentered: [("bicubic", "31.30 / 0.8687")],
            ]
        case .vid4:
            [
                .bicubic: [("bicubic", "23.78 / 0.6347"), ("BasicVSR", "27.24 / 0.8251")],
                .blurred: [("BasicVSR", "27.96 / 0.8553")],
                .blurredUncentered: [("bicubic", "21.80 / 0.5246")],
            ]
        case .udm10:
            [
                .blurred: [("BasicVSR", "39.96 / 0.9694")],
                .blurredUncentered: [("bicubic", "28.47 / 0.8253")],
            ]
        case .spmcs: [:]
        }
    }

    /// What differs from the set that papers measure, a sentence each.
    ///
    /// - Parameter clips: Names and frames of the clips.
    public func differences(_ clips: [(name: String, frames: Int)]) -> [String] {
        var sentences: [String] = []
        if clips.count != counts.clips {
            sentences.append(
                "\(title) has \(counts.clips) clips, but \(clips.count.counted("clip")) were measured:"
                    + " figures do not compare with published ones")
        }
        let others = clips.filter { clip in
            let name = (clip.name as NSString).lastPathComponent
            return frames(of: name).map { $0 != clip.frames } ?? false
        }
        if let first = others.first,
            let expected = frames(of: (first.name as NSString).lastPathComponent)
        {
            sentences.append(
                "clip \(first.name) of \(title) has \(expected) frames as published, but "
                    + "\(first.frames) here"
                    + (others.count > 1
                        ? ", and \((others.count - 1).counted("other clip")) differ too" : "")
                    + ": figures do not compare with published ones")
        }
        return sentences
    }
}
