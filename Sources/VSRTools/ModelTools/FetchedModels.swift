import Foundation
import VSRCore

/// Published weights that `scripts/fetch-weights` brought into the user's cache, found by name.
public enum FetchedModels {
    /// All names that are there, in alphabetical order.
    public static var names: [String] { ModelFolder.names(in: UserCache.weights) }

    /// The path of the model called `name`, `nil` if it is not there.
    public static func path(of name: String) -> String? {
        ModelFolder.path(of: name, in: UserCache.weights)
    }

    /// The command that fetches models, as users of this copy of the program call it.
    ///
    /// An installed program has it beside itself, a checkout among its scripts.
    public static var command: String {
        let program = Bundle.main.executableURL?.resolvingSymlinksInPath()
        let folder = program?.deletingLastPathComponent()
        let installed = folder?.appendingPathComponent("scripts/fetch-weights").path
        let isInstalled = installed.map { FileManager.default.fileExists(atPath: $0) } ?? false
        return isInstalled ? "slimvsr-fetch-weights" : "scripts/fetch-weights"
    }
}

/// A folder of model files that are known by name.
enum ModelFolder {
    private static let ending = ".safetensors"

    static func names(in folder: URL?) -> [String] {
        guard let folder else { return [] }
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return files.filter { $0.hasSuffix(ending) && !$0.hasPrefix(".") }
            .map { String($0.dropLast(ending.count)) }.sorted()
    }

    /// Names do not reach out of the folder: only what it lists is found.
    static func path(of name: String, in folder: URL?) -> String? {
        guard let folder, names(in: folder).contains(name) else { return nil }
        return folder.appendingPathComponent(name + ending).path
    }
}
