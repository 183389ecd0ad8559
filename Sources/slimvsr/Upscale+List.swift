import ArgumentParser
import Foundation
import VSRCore
import VSRMedia
import VSRProgram
import VSRTools

extension Upscale {
    /// One after another, whatever becomes of each.
    func upscaleList(_ console: Console) throws {
        let inputs = Array(paths.dropLast())
        guard !inputs.contains(UpscaleJob.standardStreamName) else {
            throw VSRError(
                .invalidArgument, "- is one video: it cannot be among several inputs")
        }
        guard try MediaPath.kind(named: output) == .folder else {
            throw VSRError(
                .invalidArgument,
                "\(output) is no folder, which several inputs need: end its name in /")
        }
        try OutputCheck(replaces: false, makesFolders: writing.makeFolders).check(output)
        let list = try UpscaleList(of: inputs, into: output, isRecursive: recursive)
        for remark in list.remarks { console.remark("note: \(remark)") }
        let options = try upscalerOptions(console)
        let method = try method(console)
        var summary = ListSummary()
        for (index, item) in list.items.enumerated() {
            let place = "[\(index + 1)/\(list.items.count)] \(item.output)"
            let isUnfinished = UnfinishedOutput.mayReplace(item.output)
            if !writing.overwrite, !isUnfinished,
                FileManager.default.fileExists(atPath: item.output)
            {
                summary.skipped += 1
                console.output("\(place): there already")
                continue
            }
            do {
                var job = job(item.input, item.output)
                if job.beginning == .new { job.beginning = .continuing }
                let notices = UpscaleNotices(item.input, console, isOneOfMany: true)
                let outcome = try run(job, method, options, notices, console)
                summary.done += 1
                if outcome.reading.isDamaged { summary.damaged += 1 }
                console.output("\(place): \(outcome.text)")
            } catch let error as VSRError where error.code != .cancelled {
                summary.failed += 1
                console.progress.finish()
                console.output("\(place): failed: \(error.message)")
            }
        }
        console.output("\(summary.text), \(method.name)")
        if let code = summary.code { throw code }
    }
}

/// What became of several inputs.
private struct ListSummary {
    var done = 0
    var damaged = 0
    var skipped = 0
    var failed = 0

    var text: String {
        var parts = ["\(done) done"]
        if damaged > 0 { parts.append("\(damaged) of them damaged") }
        if skipped > 0 { parts.append("\(skipped) there already") }
        if failed > 0 { parts.append("\(failed) failed") }
        return parts.joined(separator: ", ")
    }

    /// The worst of all; `nil` if all went well.
    var code: ExitCode? { failed > 0 ? .failure : damaged > 0 ? .doneWithDamage : nil }
}
