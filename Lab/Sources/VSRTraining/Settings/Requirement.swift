import VSRCore

/// Checks one setting.
///
/// - Throws: `invalidArgument` naming key, value and what is permitted.
func require(
    _ condition: Bool, _ key: String, _ found: some Any, _ permitted: String
) throws {
    guard !condition else { return }
    throw VSRError(.invalidArgument, "\(key) must be \(permitted), not \(found)")
}
