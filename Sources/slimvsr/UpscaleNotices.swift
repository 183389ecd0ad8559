import Synchronization
import VSRMedia
import VSRProgram
import VSRTools

/// Prints what a job says while it runs.
final class UpscaleNotices: Sendable {
    /// Events that are printed one by one; the last line counts them all.
    private static let printed = 20

    private let input: String
    private let console: Console
    /// Whether words have to say which input they are about, and tables are too much.
    private let isOneOfMany: Bool
    private let count = Mutex(0)

    init(_ input: String, _ console: Console, isOneOfMany: Bool = false) {
        self.isOneOfMany = isOneOfMany
        self.input = input
        self.console = console
    }

    var handler: @Sendable (UpscaleJob.Notice) -> Void { { self.print($0) } }

    private func warn(_ text: String) {
        let names = isOneOfMany && !text.contains(input)
        console.remark("warning: \(names ? "\(input): " : "")\(text)")
    }

    private func print(_ notice: UpscaleJob.Notice) {
        switch notice {
        case .plan(let plan):
            if plan.isNoteworthy, !isOneOfMany { for line in plan.lines { console.remark(line) } }
            for warning in plan.warnings { warn(warning.text) }
        case .warning(let text):
            warn(text)
        case .event(let event):
            let number = count.withLock { count in
                count += 1
                return count
            }
            guard number <= Self.printed else { return }
            console.remark("\(event.kind.isDamage ? "warning" : "note"): \(input): \(event.text)")
            if number == Self.printed { console.remark("note: more of this is counted only") }
        }
    }
}
