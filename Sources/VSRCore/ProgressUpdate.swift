/// One report of how far a long piece of work has come.
public struct ProgressUpdate: Sendable {
    /// What is being done: `evaluate calendar`.
    public var label: String
    /// Steps done so far.
    public var completed: Int
    /// Steps in all, if known.
    public var total: Int?
    /// What one step is, in the plural: `frames`, `iterations`.
    public var unit: String
    /// Figures of the moment, for example `loss 0.0123`.
    public var detail: String

    public init(
        _ label: String, completed: Int, total: Int?, unit: String = "frames", detail: String = ""
    ) {
        self.label = label
        self.completed = completed
        self.total = total
        self.unit = unit
        self.detail = detail
    }
}

/// Receives progress; called from the thread that does the work.
public typealias ProgressHandler = @Sendable (ProgressUpdate) -> Void
