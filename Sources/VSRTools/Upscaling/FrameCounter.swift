import VSRCore

/// Reports frames of a clip whose length a container only claims.
struct FrameCounter {
    private let label: String
    private let claim: Int?
    private let progress: ProgressHandler?

    init(_ label: String, _ claim: Int?, _ progress: ProgressHandler?) {
        self.label = label
        self.claim = claim
        self.progress = progress
    }

    /// A claim that is reached or passed is no longer shown: the end is what ``finish(_:)`` says.
    func report(_ completed: Int) {
        let total = claim.flatMap { $0 > completed ? $0 : nil }
        progress?(ProgressUpdate(label, completed: completed, total: total))
    }

    func finish(_ completed: Int) {
        progress?(ProgressUpdate(label, completed: completed, total: completed))
    }
}
