import Foundation
import Testing
import VSRTestSupport

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
        | `High` | | `Low`, `Outside` |
        """

    /// What the manifest names, as `swift package dump-package` writes it.
    private static let targets: [String: (type: String, dependencies: [[String: [String]]])] = [
        "Core": ("regular", []),
        "Low": ("regular", [["byName": ["Core"]]]),
        "High": (
            "executable",
            [["byName": ["Core"]], ["byName": ["Low"]], ["product": ["Outside", "outsiders"]]]
        ),
        "HighTests": ("test", [["byName": ["High"]]]),
    ]

    private static let sources = [
        "Sources/Core/Main.swift": "", "Sources/Low/Main.swift": "import Core\n",
        "Sources/High/Main.swift": "import Core\nimport Foundation\nimport Low\nimport Outside\n",
        "Tests/HighTests/A.swift": "import Testing\n@testable import High\n",
    ]

    /// Runs the check on the files above and those given by path and content.
    private func check(
        _ files: [String: String] = [:], table: String = table, targets added: [String] = []
    ) throws -> (code: Int32, lines: [String]) {
        let folder = try TemporaryFolder()
        var targets = Self.targets
        for name in added { targets[name] = ("regular", []) }
        let manifest: [String: Any] = [
            "products": [[String: Any]](),
            "targets": targets.map { name, target -> [String: Any] in
                ["name": name, "type": target.type, "dependencies": target.dependencies]
            },
        ]
        let manifests = folder.path("manifests.json")
        try JSONSerialization.data(withJSONObject: [".": manifest])
            .write(to: URL(fileURLWithPath: manifests))
        let all = Self.sources.merging(files) { $1 }
        for (path, content) in all.merging(["docs/architecture.md": table], uniquingKeysWith: +) {
            let url = folder.url.appendingPathComponent(path)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(content.utf8).write(to: url)
        }
        let process = Process()
        process.executableURL = Self.script
        process.arguments = [folder.path, "--manifests", manifests]
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let lines = String(decoding: output, as: UTF8.self).split(separator: "\n").map(String.init)
        return (process.terminationStatus, lines)
    }

    @Test func permittedImportsPass() throws {
        let result = try check()
        #expect(result.code == 0)
        #expect(result.lines == ["7 imports, all permitted, and every dependency is used"])
    }

    @Test(arguments: [
        "import High", "  import High", "public import High", "@testable import High",
        "@preconcurrency internal import High", "import struct High.Thing",
    ])
    func anArrowAgainstTheManifestIsFound(line: String) throws {
        let result = try check(["Sources/Low/Main.swift": "import Core\n\(line)\n"])
        #expect(result.code == 1)
        #expect(
            result.lines == [
                "Sources/Low/Main.swift:2: Low may not import High, which is no dependency of it "
                    + "in Package.swift"
            ])
    }

    @Test func otherLinesWithTheWordAreNoImports() throws {
        let result = try check([
            "Sources/Low/Main.swift":
                "import Core\n// import High\nlet important = 1\nlet s = \"import High\"\n"
        ])
        #expect(result.code == 0)
    }

    @Test func aDependencyThatNobodyImportsIsFound() throws {
        let result = try check([
            "Sources/High/Main.swift": "import Core\nimport Low\n", "Sources/High/B.swift": "",
        ])
        #expect(result.code == 1)
        #expect(
            result.lines == [
                "Package.swift: High depends on Outside, which none of its files imports"
            ])
    }

    @Test func aTargetWithoutRowAndARowWithoutTargetAreFound() throws {
        let result = try check(
            table: Self.table + "\n| `Gone` | | |\n", targets: ["New"])
        #expect(result.code == 1)
        #expect(
            result.lines == [
                "docs/architecture.md: no row for New",
                "docs/architecture.md: a row for Gone, which is no target",
            ])
    }

    @Test(arguments: ["| `High` | | `Low` |", "| `High` | | `Low`, `Outside`, `Else` |"])
    func aRowThatDiffersFromTheManifestIsFound(row: String) throws {
        let table = Self.table.replacingOccurrences(
            of: "| `High` | | `Low`, `Outside` |", with: row)
        let result = try check(table: table)
        #expect(result.code == 1)
        #expect(
            result.lines == [
                "docs/architecture.md: the row of High must name what it depends on: `Low`, "
                    + "`Outside`"
            ])
    }

    @Test func testsImportWhatTheyDependOnOnly() throws {
        let result = try check([
            "Tests/HighTests/A.swift": "import Testing\nimport Low\n@testable import High\n"
        ])
        #expect(result.code == 1)
        #expect(result.lines.first?.hasPrefix("Tests/HighTests/A.swift:2: HighTests may") == true)
    }

    @Test func whatTestsMayImportSourcesMayNot() throws {
        let result = try check(["Sources/Low/Main.swift": "import Core\nimport Testing\n"])
        #expect(result.code == 1)
    }
}
