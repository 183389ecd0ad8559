/// An error thrown by any module of this package.
public struct VSRError: Error, Sendable, CustomStringConvertible {
    /// What kind of failure it is; callers branch on this, never on ``message``.
    public enum Code: String, Sendable {
        case invalidArgument, shapeMismatch, notFound, corruptData, unsupported, outOfMemory, io
        /// Ctrl-C, a termination signal or a cancelled task.
        case cancelled
    }

    public var code: Code

    /// What went wrong and how to put it right, in one sentence.
    ///
    /// It names the file, key or shape concerned and the value found.
    public var message: String

    /// The lower-level error that led to this one, if any.
    public var cause: (any Error)?

    /// Where it was thrown, as `Module/File.swift:line`.
    public var location: String

    public init(
        _ code: Code, _ message: String, cause: (any Error)? = nil,
        file: StaticString = #fileID, line: UInt = #line
    ) {
        self.code = code
        self.message = message
        self.cause = cause
        self.location = "\(file):\(line)"
    }

    public var description: String {
        let reason = cause.map { " (caused by \($0))" } ?? ""
        return "\(code.rawValue): \(message)\(reason)"
    }
}
