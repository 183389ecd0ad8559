/// The settings of one run: a Codable struct whose properties have their defaults in code.
///
/// A file or an override names only what differs. Nested settings are structs of the same kind, and
/// every property is found under its own name.
public protocol Configuration: Codable, Sendable {
    /// The defaults.
    init()

    /// Checks these fields; groups within them check themselves, so call ``check()``.
    ///
    /// - Throws: `InvalidSetting` with the first field that is wrong, named as it is declared, the
    ///   value found and the values permitted.
    func validate() throws
}
