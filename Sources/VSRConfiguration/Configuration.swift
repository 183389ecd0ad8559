/// The settings of one run: a Codable struct whose properties have their defaults in code.
///
/// A file or an override names only what differs. Nested settings are structs of the same kind, and
/// every property is found under its own name.
public protocol Configuration: Codable, Sendable {
    /// The defaults.
    init()

    /// Checks every field.
    ///
    /// - Throws: `invalidArgument` naming the first field that is wrong, the value found and the
    ///   values permitted.
    func validate() throws
}
