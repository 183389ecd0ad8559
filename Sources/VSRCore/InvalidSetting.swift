/// A setting out of its range, by its key within the group that checked it.
///
/// Who asked for the check knows what a reader calls the key: `selection.ratio`, `--ratio`.
public struct InvalidSetting: Error, Sendable, Equatable {
    /// `ratio`; with the groups around it, `selection.ratio`.
    public var key: String
    /// The value found.
    public var found: String
    /// What is permitted, to follow "must be".
    public var permitted: String

    public init(_ key: String, found: some Any, permitted: String) {
        self.key = key
        self.found = "\(found)"
        self.permitted = permitted
    }

    /// Checks one setting.
    ///
    /// - Throws: ``InvalidSetting`` unless `condition` holds.
    public static func require(
        _ condition: Bool, _ key: String, _ found: some Any, _ permitted: String
    ) throws {
        guard !condition else { return }
        throw InvalidSetting(key, found: found, permitted: permitted)
    }

    /// The same in the group `name`.
    public func within(_ name: String) -> InvalidSetting {
        var outer = self
        outer.key = "\(name).\(key)"
        return outer
    }

    /// The error for people: `invalidArgument` naming key, value and what is permitted.
    ///
    /// - Parameter name: What the reader calls the key.
    public func error(calling name: (_ key: String) -> String = { $0 }) -> VSRError {
        VSRError(.invalidArgument, "\(name(key)) is \(found); it must be \(permitted)")
    }
}
