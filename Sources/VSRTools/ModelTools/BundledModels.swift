import Foundation
import VSRCore
import VSRModel

/// The models that travel with the programs, found by name.
public enum BundledModels {
    /// A folder given by this environment variable is searched instead of the program's own.
    public static let folderVariable = "SLIMVSR_MODELS"

    /// The name's part that says that a model was pruned; such a one is preferred where a user
    /// names none.
    static let slimSuffix = "-slim"

    /// All names, in alphabetical order.
    public static var names: [String] { ModelFolder.names(in: folder) }

    /// The model used where none is named: the first slim one, else the first.
    ///
    /// - Throws: `notFound` where no model is bundled.
    public static func defaultName() throws -> String {
        let names = names
        guard let name = names.first(where: { $0.hasSuffix(slimSuffix) }) ?? names.first else {
            throw VSRError(
                .notFound,
                "no model is bundled with this program: name a model file with --model")
        }
        return name
    }

    /// The first model that is not a slim one: what can be compressed.
    ///
    /// - Throws: `notFound` where there is none.
    public static func defaultDenseName() throws -> String {
        guard let name = names.first(where: { !$0.hasSuffix(slimSuffix) }) else {
            throw VSRError(
                .notFound, "no dense model is bundled with this program: name a model file")
        }
        return name
    }

    /// The path of the model called `name`, `nil` if there is none.
    public static func path(of name: String) -> String? {
        ModelFolder.path(of: name, in: folder)
    }

    /// What people should know of the model called `name`: its card, in Markdown; `nil` if it has
    /// none here.
    public static func card(of name: String) -> String? {
        guard let folder, name != "README", !name.contains("/") else { return nil }
        return try? String(
            contentsOf: folder.appendingPathComponent("\(name).md"), encoding: .utf8)
    }

    /// Where the models lie: beside the program, in the folder that the build puts there.
    ///
    /// The build system's own accessor would end the process where that folder is missing.
    static var folder: URL? {
        if let path = ProcessInfo.processInfo.environment[folderVariable], !path.isEmpty {
            return URL(fileURLWithPath: path)
        }
        let program = URL(fileURLWithPath: CommandLine.arguments.first ?? "")
            .resolvingSymlinksInPath().deletingLastPathComponent()
        let executable = Bundle.main.executableURL?
            .resolvingSymlinksInPath().deletingLastPathComponent()
        return [executable, Bundle.main.bundleURL, program].compactMap { $0 }
            .map { $0.appendingPathComponent("SlimVSR_VSRTools.resources/Models") }
            .first { FileManager.default.fileExists(atPath: $0.path) }
    }
}
