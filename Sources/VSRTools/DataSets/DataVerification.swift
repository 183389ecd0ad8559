import VSRCore
import VSRData

/// Looks through a data set before hours are spent on it.
public struct DataVerification: Sendable {
    /// What is recognized if left out.
    public var layout: ClipLayout?
    /// The test set that its clips are to be.
    public var benchmark: BenchmarkPreset?
    /// A file that lists the clips; all if left out.
    public var list: String?
    public var check = DataSetCheck()

    public init() {}

    /// - Throws: `notFound` where there is no data set; what is wrong with the selection;
    ///   `cancelled`. What is wrong with the data is among the findings.
    public func run(
        on folder: String, options: LoadingOptions = LoadingOptions()
    ) throws -> DataSetFindings {
        let set =
            try layout.map { try DataSet(at: folder, layout: $0) }
            ?? DataSet(recognizing: folder)
        let selection =
            try benchmark?.selection(in: set, list: list) ?? ClipSelection(list: list)
        var check = check
        check.benchmark = benchmark
        return try check.run(set, selection, options: options)
    }
}

extension DataSetFindings {
    /// Rows of the table beyond which clips are counted only.
    private static let shownClips = 10

    /// One screen for a terminal: what there is, what is wrong, a verdict.
    public var text: String {
        var table = TextTable(
            ["clip", "frames", "size", "made by", "dB", "sampled at", "max", "mean"], leftColumns: 1
        )
        let wrong = Set(faults.map(\.place))
        // Clips with faults first, since the others look alike.
        let shown =
            clips.count <= Self.shownClips
            ? clips
            : Array(
                (clips.filter { isFaulty($0, wrong) } + clips.filter { !isFaulty($0, wrong) })
                    .prefix(Self.shownClips))
        for clip in shown {
            table.add([clip.name, String(clip.frames), clip.size ?? "–"])
            for low in clip.lowResolution { table.add(Self.row(low)) }
        }
        let hidden = clips.count - shown.count
        var lines = TextWrap.lines(recognized) + table.lines()
        if hidden > 0 { lines.append("and \(hidden.counted("clip")) more, all in --json") }
        lines.append("\(clips.count.counted("clip")), \(frameCount.counted("frame"))")
        lines += Self.listed(notes.map { "note: \($0)" })
        lines += Self.listed(faults.map { "\($0.kind.rawValue): \($0.place): \($0.text)" })
        let depth = isQuick ? ", as far as a quick look shows" : ""
        lines.append(
            faults.isEmpty
                ? "nothing is wrong\(depth)" : "\(faults.count.counted("fault")) found\(depth)")
        return lines.joined(separator: "\n")
    }

    private func isFaulty(_ clip: Clip, _ places: Set<String>) -> Bool {
        places.contains(clip.name)
            || clip.lowResolution.contains { places.contains("\($0.folder)/\(clip.name)") }
    }

    private static func row(_ low: LowResolution) -> [String] {
        let made = low.made.map { $0.degradation.rawValue + (low.isConvincing ? "" : "?") }
        let psnr = low.made.map { $0.psnr.isFinite ? TextTable.decimal($0.psnr, 1) : "equal" }
        return [
            "  \(low.folder)", String(low.frames), low.size ?? "–", made ?? "–", psnr ?? "–",
            low.offset.map(position) ?? "–", low.maximum.map(String.init) ?? "–",
            low.mean.map { TextTable.decimal($0, 3) } ?? "–",
        ]
    }

    /// Where samples lie against those of bicubic's alignment.
    private static func position(_ offset: [Double]) -> String {
        let parts = offset.map { String(format: "%+.1f", $0 == 0 ? 0 : $0) }
        return offset.allSatisfy { $0 == 0 } ? "centered" : parts.joined(separator: ", ")
    }

    private static func listed(_ texts: [String]) -> [String] {
        let rest = texts.count - 8
        return texts.prefix(8).flatMap { TextWrap.lines($0) }
            + (rest > 0 ? ["and \(rest) more, all in --json"] : [])
    }
}
