import Foundation
import VSRCore

/// Where a program's words go, and how it is stopped; tests put their own in its place.
public struct Console: Sendable {
    /// Results, for standard output.
    public var output: @Sendable (String) -> Void
    /// Remarks and errors, for standard error.
    public var remark: @Sendable (String) -> Void
    public var progress: ProgressPrinter
    public var cancellation: Cancellation
    /// What kept results from being written, in the system's words; `nil` if nothing did.
    public var outputFailure: @Sendable () -> String?

    public init(
        output: @escaping @Sendable (String) -> Void, remark: @escaping @Sendable (String) -> Void,
        progress: ProgressPrinter, cancellation: Cancellation,
        outputFailure: @escaping @Sendable () -> String? = { nil }
    ) {
        self.output = output
        self.remark = remark
        self.progress = progress
        self.cancellation = cancellation
        self.outputFailure = outputFailure
    }

    /// The process' own streams, and a cancellation that Ctrl-C and termination request.
    public static var standard: Console {
        let progress = ProgressPrinter()
        return Console(
            output: { StandardStream.output.write($0 + "\n") },
            remark: { progress.note($0) },
            progress: progress, cancellation: Interruption.cancellation(),
            outputFailure: { StandardStream.output.failure })
    }

    /// Prints a failure as one line, `error: …`, however many lines the message has.
    public func report(failure message: String) {
        remark("error: \(Self.line(message))")
    }

    /// Prints a failure, and below it a line `cause: …` for each error that led to it.
    ///
    /// - Parameter isVerbose: Also prints the error's code and where it was thrown.
    public func report(failure error: VSRError, isVerbose: Bool) {
        report(failure: error.message)
        for cause in error.causes { remark("cause: \(Self.line(cause))") }
        if isVerbose { remark("raised: \(error.code.rawValue) at \(error.location)") }
    }

    private static func line(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline)
            .map { $0.trimmingCharacters(in: .whitespaces) }.joined(separator: " ")
    }
}
