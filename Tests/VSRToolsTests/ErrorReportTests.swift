import Testing
import VSRProgram

@Suite struct ErrorReportTests {
    /// No folder can be made in /proc, by root neither.
    private static let arguments = [
        "pack", "uni-small", "--make-folders", "--output", "/proc/none/model.safetensors",
    ]

    @Test func anErrorShowsItsCauseOnASecondLine() {
        let result = CommandLineHarness.run(Self.arguments)
        #expect(result.code == 1 && result.output.isEmpty)
        #expect(result.remarks.count == 2)
        #expect(result.remarks.first?.hasPrefix("error: cannot make the folder /proc/none") == true)
        #expect(result.remarks.last == "cause: No such file or directory")
    }

    @Test func verboseAddsCodeAndLocation() throws {
        let result = CommandLineHarness.run(Self.arguments + ["--verbose"])
        #expect(result.code == 1)
        try #require(result.remarks.count == 3)
        #expect(result.remarks[1] == "cause: No such file or directory")
        #expect(result.remarks[2].hasPrefix("raised: io at VSRCore/PendingFile.swift:"))
    }

    @Test func anErrorWithoutCauseStaysOneLine() {
        #expect(CommandLineHarness.run(["inspect", "no-such-model"]).remarks.count == 1)
    }

    @Test(arguments: [
        "upscale", "models", "evaluate", "inspect", "prune", "import", "pack", "bench",
        "stability",
    ])
    func everyCommandTakesVerboseAndVersion(command: String) {
        #expect(CommandLineHarness.run([command, "--help"]).output.contains("--verbose"))
        let version = CommandLineHarness.run([command, "--version"])
        #expect(version.code == 0 && version.output == ProgramVersion.text)
    }

    @Test func theProgramTellsItsVersion() {
        let result = CommandLineHarness.run(["--version"])
        #expect(result.code == 0 && result.output == ProgramVersion.text)
    }
}
