import Foundation
import Testing

/// `scripts/check-imports` on small checkouts made for the purpose.
@Suite struct CheckImportsTests {
    private static let script = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("scripts/check-imports")

    private static let table = """
        Every target may import `Core`, `Foundation`.

        | target | purpose | may import |
        |---|---|---|
        | `Core` | everything's base | |
        | `Low` | uses `High` in its description only | |
        | `High` | | `Low` |
        """

    /// Runs the check on files given by path and content.
    private func check(
        _ files: [String: String], table: String = table
    ) throws -> (code: Int32, lines: [String]) {
        let folder = try TemporaryFolder()
        var all = files
        all["docs/architecture.md"] = table
        for target in ["Core", "Low", "High"] {
            all["Sources/\(target)/Main.swift"] = files["Sources/\(target)/Main.swift"] ?? ""
        }
        for (path, content) in all {
            let url = folder.url.appendingPathComponent(path)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(content.utf8).write(to: url)
        }
        let process = Process()
        process.executableURL = Self.script
        process.arguments = [folder.url.path]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let lines = String(decoding: output, as: UTF8.self).split(separator: "\n").map(String.init)
        return (process.terminationStatus, lines)
    }

    @Test func permittedImportsPass() throws {
        let result = try check([
            "Sources/High/Main.swift": "import Core\nimport Foundation\nimport Low\n",
            "Tests/HighTests/A.swift": "import Testing\n@testable import High\n",
        ])
        #expect(result.code == 0)
        #expect(result.lines == ["5 imports, all permitted"])
    }

    @Test(arguments: [
        "import High", "  import High", "public import High", "@testable import High",
        "@preconcurrency internal import High", "import struct High.Thing",
    ])
    func anArrowAgainstTheTableIsFound(line: String) throws {
        let result = try check(["Sources/Low/Main.swift": "import Core\n\(line)\n"])
        #expect(result.code == 1)
        #expect(result.lines.first?.hasPrefix("Sources/Low/Main.swift:2: Low may not") == true)
    }

    @Test func otherLinesWithTheWordAreNoImports() throws {
        let result = try check([
            "Sources/Low/Main.swift": "// import High\nlet important = 1\nlet s = \"import High\"\n"
        ])
        #expect(result.code == 0)
    }

    @Test func aFolderWithoutRowAndARowWithoutFolderAreFound() throws {
        let result = try check(
            ["Sources/New/Main.swift": ""], table: Self.table + "\n| `Gone` | | |\n")
        #expect(result.code == 1)
        #expect(
            Set(result.lines) == [
                "New: has sources but no row in docs/architecture.md",
                "Gone: has a row in docs/architecture.md but no sources", "2 import errors",
            ])
    }

    @Test func testsImportTargetsOfTheTableOnly() throws {
        let result = try check(["Tests/HighTests/A.swift": "import Elsewhere\n"])
        #expect(result.code == 1)
    }
}
