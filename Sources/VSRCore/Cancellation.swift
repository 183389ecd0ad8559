import Foundation

/// A flag that long work looks at between its steps, safe to set from any thread.
///
/// Ctrl-C handlers and embedding applications set it; work then stops at the next step, saves what
/// a resume needs and throws `cancelled`.
public final class Cancellation: @unchecked Sendable {
    private let lock = NSLock()
    private var requested = false
    private let parent: Cancellation?

    /// - Parameter parent: Requested with it, this one counts as requested too; not the other way
    ///   round.
    public init(parent: Cancellation? = nil) { self.parent = parent }

    public var isRequested: Bool {
        lock.withLock { requested } || (parent?.isRequested ?? false)
    }

    public func request() { lock.withLock { requested = true } }

    /// - Throws: ``VSRError`` with code `cancelled` once ``request()`` was called.
    public func check() throws {
        if isRequested { throw VSRError(.cancelled, "stopped on request") }
    }
}
