extension Int {
    /// A number with what it counts: `1 thread`, `2 threads`.
    ///
    /// - Parameter noun: In the singular; its plural ends in s.
    package func counted(_ noun: String) -> String { "\(self) \(noun)\(self == 1 ? "" : "s")" }
}
