import Foundation
import VSRCore
import VSRModel

extension ModelList {
    /// The list for a terminal, at most 100 columns wide.
    public var text: String {
        var table = TextTable(
            ["model", "for", "Vid4 dB", "input", "GMAC", "ms here", "license"], leftColumns: 2)
        for entry in present { table.add(entry.row) }
        let absent = entries.filter { $0.origin == nil }
        if !absent.isEmpty {
            table.addRule()
            for entry in absent { table.add(entry.row) }
        }
        var lines = table.lines()
        lines += [""]
        lines += TextWrap.lines(Self.explanation, indent: "")
        lines += notes(absent)
        return lines.joined(separator: "\n")
    }

    private static let explanation =
        "Vid4 dB: luma PSNR on all frames of Vid4, on input made as the next column says, which is "
        + "what the model was trained for. GMAC and ms: for one \(Blueprint.referenceFrameSize) "
        + "frame."

    private func notes(_ absent: [Entry]) -> [String] {
        var notes: [String] = []
        if !absent.isEmpty {
            notes.append(
                "Below the line: not fetched yet; fetch with \(FetchedModels.command) "
                    + absent.map(\.name).joined(separator: " "))
        }
        let timings = present.compactMap(\.timing)
        if let timing = timings.first {
            let day = timings.map(\.date).min() ?? timing.date
            notes.append(
                "ms here: measured since \(day) on \(timing.machine.processor), "
                    + "\(timing.machine.cores.counted("core")).")
        }
        if timings.count < present.count {
            notes.append("– : not measured on this machine; slimvsr models --measure does it.")
        }
        notes += present.compactMap { entry in entry.problem.map { "\(entry.name): \($0)" } }
        return notes.flatMap { TextWrap.lines($0) }
    }
}

extension ModelList.Entry {
    fileprivate var row: [String] {
        [
            name, String((use ?? "–").prefix(36)),
            vid4.map { TextTable.decimal($0.psnr, 2) } ?? "–", degradation ?? "–",
            macs.map { TextTable.decimal(Double($0) / 1e9, 1) } ?? "–",
            timing.map { TextTable.decimal($0.millisecondsPerFrame, 1) } ?? "–",
            String((license ?? "–").prefix(14)),
        ]
    }

    /// Everything about the model for a terminal: its card, its file, its time.
    public var text: String {
        var lines: [String] = []
        if let card = BundledModels.card(of: name) {
            lines += [card.trimmingCharacters(in: .newlines), ""]
        } else {
            lines += ["# \(name)", ""]
            if let use { lines += [use, ""] }
        }
        if let path {
            lines.append("file: \(path)")
        } else {
            lines.append("not fetched yet: \(FetchedModels.command) \(name)")
        }
        if let problem { lines.append("problem: \(problem)") }
        if let license { lines.append("license: \(license)") }
        if let timing {
            lines.append(
                "time: \(TextTable.decimal(timing.millisecondsPerFrame, 1)) ms per "
                    + "\(timing.frameSize) frame, \(timing.threads.counted("thread")), "
                    + "\(timing.precision), \(timing.machine.processor), \(timing.date)")
        } else if path != nil {
            lines.append("time: not measured here; slimvsr models --measure \(name) does it")
        }
        return lines.joined(separator: "\n")
    }
}
