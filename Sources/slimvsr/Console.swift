import Foundation
import VSRCore

/// Where a command's words go, and how it is stopped; tests put their own in its place.
struct Console: Sendable {
    /// Results, for standard output.
    var output: @Sendable (String) -> Void
    /// Remarks and errors, for standard error.
    var remark: @Sendable (String) -> Void
    var progress: ProgressPrinter
    var cancellation: Cancellation

    /// The process' own streams, and a cancellation that Ctrl-C and termination request.
    static var standard: Console {
        let progress = ProgressPrinter()
        return Console(
            output: { FileHandle.standardOutput.write(Data(($0 + "\n").utf8)) },
            remark: { progress.note($0) },
            progress: progress, cancellation: Interruption.cancellation())
    }
}
