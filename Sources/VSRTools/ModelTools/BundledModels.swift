import Foundation
import VSRCore
import VSRModel

/// The models that travel with the programs, found by name.
public enum BundledModels {
    /// A folder given by this environment variable is searched instead of the program's own.
    public static let folderVariable = "SLIMVSR_MODELS"

    /// All names, in alphabetical order.
    public static var names: [String] { ModelFolder.names(in: folder) }

    /// The model used where none is named: the catalog's default; the first where the folder of
    /// models has no catalog.
    ///
    /// - Throws: `notFound` where that model is not bundled; `io` or `corruptData` naming the
    ///   catalog.
    public static func defaultName() throws -> String {
        let names = names
        guard let name = try ModelCatalog.read()?.defaultName ?? names.first else {
            throw VSRError(
                .notFound,
                "no model is bundled with this program: name a model file with --model")
        }
        guard names.contains(name) else {
            throw VSRError(
                .notFound,
                "the default model \(name) is not bundled with this program: name another with "
                    + "--model")
        }
        return name
    }

    /// The first dense model: what can be compressed.
    ///
    /// - Throws: `notFound` where there is none.
    public static func defaultDenseName() throws -> String {
        func isDense(_ name: String) -> Bool {
            guard let path = path(of: name), let blueprint = try? ModelFile.readBlueprint(path)
            else { return false }
            let block = Blueprint.ResidualBlock(width: blueprint.width)
            return blueprint.branches.allSatisfy { blueprint[$0].allSatisfy { $0 == block } }
        }
        guard let name = names.first(where: isDense) else {
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
