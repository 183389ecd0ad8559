import Foundation
import VSRCore
import VSRImaging
import VSRMedia

/// Looks through a data set: whether all is there, can be read and belongs together.
public struct DataSetCheck: Sendable {
    /// Whether only the first and the middle frame of each clip are decoded; of the others the sizes
    /// that pictures claim are looked at.
    public var isQuick = false
    /// The low-resolution frames that are looked at, by name; all if left out.
    public var lowResolution: String?
    /// The test set that the clips are to be.
    public var benchmark: BenchmarkPreset?

    public init() {}

    /// - Parameter options: Threads, progress and cancellation are followed.
    /// - Throws: `notFound` without clips; what is wrong with the selection; `cancelled`. What is
    ///   wrong with frames is among the findings.
    public func run(
        _ set: DataSet, _ selection: ClipSelection = ClipSelection(),
        options: LoadingOptions = LoadingOptions()
    ) throws -> DataSetFindings {
        var faults: [DataSetFindings.Fault] = []
        let clips = try listed(set, selection, &faults)
        let low = try lowResolution.map { name in
            let known = set.lowResolution.filter {
                $0.name == name || $0.name.hasSuffix("/" + name)
            }
            return known.isEmpty ? [try set.lowResolution(at: name)] : known
        }
        let sets = low ?? set.lowResolution
        let total = clips.count
        let finished: @Sendable (Int) -> Void = { done in
            options.progress?(
                ProgressUpdate("look through clips", completed: done, total: total, unit: "clips"))
        }
        let results = try parallelMap(clips.count, threads: options.threads, finished: finished) {
            index in
            var check = ClipCheck(clips[index], set, isQuick: isQuick, options.cancellation)
            try check.run(sets)
            return check
        }
        faults += results.flatMap(\.faults)
        if selection == ClipSelection() { faults += surplus(set, clips, sets) }
        if let benchmark {
            let counted = results.map { (name: $0.findings.name, frames: $0.findings.frames) }
            faults += benchmark.differences(counted).map { sentence in
                DataSetFindings.Fault(kind: .missing, place: benchmark.rawValue, text: sentence)
            }
        }
        let notes = set.remarks + results.flatMap(\.notes)
        return DataSetFindings(
            folder: set.folder, layout: set.layout, recognized: set.sentence,
            clips: results.map(\.findings), faults: faults + duplicates(results), notes: notes,
            isQuick: isQuick)
    }

    /// The clips that are selected; those of a list that are missing are faults.
    private func listed(
        _ set: DataSet, _ selection: ClipSelection, _ faults: inout [DataSetFindings.Fault]
    ) throws -> [ClipSource] {
        guard let list = selection.list else { return try set.clips(selection).map(\.groundTruth) }
        let (clips, missing) = try set.clips(ofList: list)
        if let first = missing.first {
            faults.append(
                DataSetFindings.Fault(
                    kind: .missing, place: list,
                    text: "\(missing.count.counted("clip")) of the list missing: "
                        + NameList.text(missing.map(\.path)) + ", first in line \(first.line)"))
        }
        guard !clips.isEmpty else {
            throw VSRError(
                .notFound,
                "\(set.folder) has none of the clips that \(list) lists: correct folder or list")
        }
        return clips
    }

    /// Folders without pictures, and low-resolution clips without originals.
    private func surplus(
        _ set: DataSet, _ clips: [ClipSource], _ sets: [LowResolutionFrames]
    ) -> [DataSetFindings.Fault] {
        var faults: [DataSetFindings.Fault] = []
        for folder in set.originals where folder.inner == nil && set.layout != .clips {
            let empty = ((try? FolderListing.entries(of: folder.path)) ?? []).filter { entry in
                let path = ClipFolder.path(folder.path, entry)
                return ClipLayout.isFolder(path) && ClipFolder(path: path).firstNames(1).isEmpty
            }
            guard !empty.isEmpty else { continue }
            faults.append(
                DataSetFindings.Fault(
                    kind: .missing, place: set.name(of: folder.path),
                    text: "no pictures in \(NameList.text(empty))"))
        }
        let known = Set(clips.map(\.name))
        for frames in sets {
            let names = zip(set.originals, frames.folders).flatMap { original, low -> [String] in
                // A folder of pictures itself is called by another name than the originals'.
                guard let low,
                    original.firstNames(1).first.map({ known.contains(original.prefix + $0) })
                        ?? false,
                    let clips = try? low.clips(), clips.first?.location != low.path
                else { return [] }
                return clips.map { original.prefix + String($0.name.dropFirst(low.prefix.count)) }
            }
            let extra = names.filter { !known.contains($0) }
            guard !extra.isEmpty else { continue }
            faults.append(
                DataSetFindings.Fault(
                    kind: .extra, place: frames.name,
                    text:
                        "\(extra.count.counted("clip")) without originals: \(NameList.text(extra))")
            )
        }
        return faults
    }

    /// Clips whose frames are all equal.
    private func duplicates(_ clips: [ClipCheck]) -> [DataSetFindings.Fault] {
        guard !isQuick else { return [] }
        var seen: [[Int]: String] = [:]
        return clips.compactMap { clip in
            guard !clip.hashes.isEmpty else { return nil }
            guard let first = seen[clip.hashes] else {
                seen[clip.hashes] = clip.findings.name
                return nil
            }
            return DataSetFindings.Fault(
                kind: .duplicate, place: clip.findings.name,
                text: "all frames equal those of \(first)")
        }
    }
}

/// The first names of a list, for messages.
enum NameList {
    static func text(_ names: [String]) -> String {
        let shown = names.prefix(4).joined(separator: ", ")
        return names.count > 4 ? "\(shown) and \(names.count - 4) others" : shown
    }
}
