import Foundation
import VSRConfiguration

extension FuzzTarget {
    /// Settings as users write them: YAML, and after a zero byte each what `--set` is given.
    ///
    /// Settings that are accepted must be the same when they are written and read again, as a run's
    /// `configuration.yml` is.
    ///
    /// - Parameter seeds: Texts to start from; none where scripts/fuzz copies files.
    public static func settings<Settings: Configuration & Equatable>(
        _ name: String, _ type: Settings.Type, seeds: [String] = []
    ) -> FuzzTarget {
        @Sendable func write(to folder: String) throws {
            for (index, text) in seeds.enumerated() {
                try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(index).yml"))
            }
        }
        return FuzzTarget(name, seed: seeds.isEmpty ? nil : write) { bytes in
            let settings: Settings = try parsed(bytes)
            let again = try? ConfigurationFile.parse(
                Settings.self, yaml: ConfigurationFile.yaml(of: settings), name: "again.yml")
            precondition(again == settings, "settings change when they are written and read again")
        }
    }

    private static func parsed<Settings: Configuration>(
        _ bytes: UnsafeRawBufferPointer
    ) throws -> Settings {
        let parts = Array(bytes).split(separator: 0, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        return try ConfigurationFile.parse(
            yaml: parts.first ?? "", name: "fuzz.yml", overrides: Array(parts.dropFirst()))
    }
}
