import Foundation
import VSRCore
import VSRImaging
import VSRMedia

/// Looks through one clip and its low-resolution frames.
struct ClipCheck: Sendable {
    private(set) var findings: DataSetFindings.Clip
    private(set) var faults: [DataSetFindings.Fault] = []
    private(set) var notes: [String] = []
    /// Of each frame's samples, where all are decoded; the same for equal frames within a process.
    private(set) var hashes: [Int] = []

    private let clip: ClipSource
    private let set: DataSet
    private let isQuick: Bool
    private let cancellation: Cancellation?

    init(_ clip: ClipSource, _ set: DataSet, isQuick: Bool, _ cancellation: Cancellation?) {
        self.clip = clip
        self.set = set
        self.isQuick = isQuick
        self.cancellation = cancellation
        findings = DataSetFindings.Clip(name: clip.name, frames: 0, lowResolution: [])
    }

    /// - Throws: `cancelled` alone.
    mutating func run(_ sets: [LowResolutionFrames]) throws {
        let originals: FrameFiles
        do {
            originals = try FrameFiles(clip.location)
        } catch {
            fault(.unreadable, Self.words(error))
            return
        }
        findings.frames = originals.count ?? 0
        checkNames(originals, clip.name)
        try look(originals)
        for frames in sets { try compare(originals, frames) }
    }

    private mutating func fault(
        _ kind: DataSetFindings.Fault.Kind, _ text: String, _ place: String? = nil
    ) {
        faults.append(
            DataSetFindings.Fault(kind: kind, place: place ?? clip.name, text: text))
    }

    private static func words(_ error: any Error) -> String {
        (error as? VSRError)?.message ?? "\(error)"
    }

    /// Gaps in numbers, names that the data set prescribes, files that are no pictures.
    private mutating func checkNames(_ frames: FrameFiles, _ place: String) {
        guard let names = frames.names else { return }
        if let expected = expectedStems {
            let stems = frames.stems
            let missing = expected.filter { !Set(stems).contains($0) }
            let extra = stems.filter { !Set(expected).contains($0) }
            if !missing.isEmpty {
                fault(
                    .missing,
                    "\(missing.count) of \(expected.count) frames missing: \(NameList.text(missing))",
                    place)
            }
            if !extra.isEmpty { fault(.extra, "frames \(NameList.text(extra))", place) }
        } else if let gap = ImageSequenceReader.gap(in: names) {
            let text = gap.components(separatedBy: ": the frames").first ?? gap
            fault(text.contains("have one number") ? .duplicate : .missing, text, place)
        }
        if !frames.others.isEmpty {
            notes.append("\(place): no pictures, so ignored: \(NameList.text(frames.others))")
        }
    }

    /// Names without extension, where the layout prescribes them.
    private var expectedStems: [String]? {
        switch set.layout {
        case .reds: (0..<100).map { String(format: "%08d", $0) }
        case .vimeo90k: (1...7).map { "im\($0)" }
        case .clips, .vid4, .spmcs: nil
        }
    }

    /// Whether frames can be read and have one size.
    private mutating func look(_ frames: FrameFiles) throws {
        var sizes: [(size: FrameSize, name: String)] = []
        var unreadable: [String] = []
        var reason = ""
        var count = 0
        try frames.visit(isQuick: isQuick, cancellation) { name, frame in
            count += 1
            switch frame {
            case .success(let content):
                if !sizes.contains(where: { $0.size == content.size }) {
                    sizes.append((content.size, name))
                }
                if case .decoded(let bytes) = content { hashes.append(bytes.samples.hashValue) }
            case .failure(let error):
                if unreadable.isEmpty { reason = Self.words(error) }
                unreadable.append(name)
            }
        }
        findings.frames = count
        findings.size = sizes.first?.size.description
        if !unreadable.isEmpty {
            fault(.unreadable, "\(NameList.text(unreadable)): \(reason)")
        }
        if sizes.count > 1 {
            fault(
                .mixedSizes,
                sizes.prefix(4).map { "\($0.size) from \($0.name) on" }.joined(separator: ", "))
        }
        let repeated = zip(hashes, hashes.dropFirst()).count { $0 == $1 }
        if !isQuick, repeated > 0 {
            notes.append("\(clip.name): \(repeated.counted("frame")) equal to the one before")
        }
        if count == 0, unreadable.isEmpty { fault(.missing, "no frames") }
    }

    private mutating func compare(_ originals: FrameFiles, _ frames: LowResolutionFrames) throws {
        let place = "\(frames.name)/\(clip.name)"
        guard let location = set.location(of: clip.name, in: frames) else {
            fault(.missing, "no low-resolution frames", place)
            return
        }
        let low: FrameFiles
        do {
            low = try FrameFiles(location)
        } catch {
            fault(.unreadable, Self.words(error), place)
            return
        }
        var comparison = FrameComparison(scale: frames.scale)
        do {
            try comparison.run(originals, low, isQuick: isQuick, cancellation)
        } catch let error as VSRError where error.code == .cancelled {
            throw error
        } catch {
            fault(.unreadable, Self.words(error), place)
        }
        for (kind, text) in comparison.faults(hint: frames.hint) { fault(kind, text, place) }
        findings.lowResolution.append(comparison.findings(frames.name))
        notes += comparison.notes.map { "\(place): \($0)" }
    }
}
