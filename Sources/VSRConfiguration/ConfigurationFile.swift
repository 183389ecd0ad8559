import Foundation
import VSRCore

/// Settings files: YAML that names what differs from the defaults.
public enum ConfigurationFile {
    /// Reads settings from a YAML file, changes them by `overrides` and validates them.
    ///
    /// - Parameters:
    ///   - overrides: `key=value` each, the key dotted (`optimizer.rate=1e-4`), the value YAML; a
    ///     later one wins.
    /// - Throws: `io` if the file cannot be read; `corruptData` if it is no YAML; `invalidArgument`
    ///   naming a key that is unknown (with the nearest known one), of the wrong kind or out of
    ///   range.
    public static func load<Settings: Configuration>(
        _ type: Settings.Type = Settings.self, path: String, overrides: [String] = []
    ) throws -> Settings {
        let text: String
        do {
            text = try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            throw VSRError(
                .io,
                "cannot read the configuration \(path): check that the file exists and is text",
                cause: error)
        }
        return try parse(type, yaml: text, name: path, overrides: overrides)
    }

    /// The settings in a YAML text, as ``load(_:path:overrides:)`` reads them from a file.
    public static func parse<Settings: Configuration>(
        _ type: Settings.Type = Settings.self, yaml: String, name: String, overrides: [String] = []
    ) throws -> Settings {
        let schema = ConfigurationSchema(of: Settings())
        var tree = try ConfigurationSchema.encoded(Settings())
        let changes = try ConfigurationValue(yaml: yaml, name: name)
        tree = try schema.merged(changes, onto: tree, path: "", source: name)
        for override in overrides {
            let change = try Self.change(from: override)
            tree = try schema.merged(change, onto: tree, path: "", source: "--set \(override)")
        }
        let settings = try ConfigurationSchema.decoded(type, from: tree, source: name)
        do {
            try settings.check()
        } catch let error as VSRError {
            throw VSRError(error.code, "\(name): \(error.message)", cause: error.cause)
        }
        return settings
    }

    /// Every setting with its value, as YAML that ``load(_:path:overrides:)`` reads back.
    public static func yaml(of settings: some Configuration) throws -> String {
        let tree = try ConfigurationSchema.encoded(settings)
        return try ConfigurationSchema(of: settings).yaml(of: tree, indentation: 0)
    }

    /// `a.b=value` as a tree.
    private static func change(from override: String) throws -> ConfigurationValue {
        let parts = override.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let keys = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, !keys.contains(where: \.isEmpty) else {
            throw VSRError(
                .invalidArgument,
                "--set takes key=value with a dotted key, for example data.batchSize=4, not \(override)"
            )
        }
        let value = try ConfigurationValue(yaml: String(parts[1]), name: "--set \(override)")
        return keys.reversed().reduce(value) { .mapping([String($1): $0]) }
    }
}
