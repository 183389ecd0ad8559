import Foundation
import Testing
import VSRTestSupport

/// Files of many kinds through the program, compared with what becomes of them by ffprobe.
@Suite(.timeLimit(.minutes(10))) struct RealFileTests {
    private static let hasPrograms =
        ShellResult.finds("ffmpeg") && ShellResult.finds("ffprobe")

    /// The groups of `scripts/check_video.py`, side by side.
    @Test(
        .enabled(if: hasPrograms, "needs ffmpeg and ffprobe"),
        arguments: [
            "container", "sound", "subtitles", "codec", "color", "geometry", "timing", "damage",
            "picture",
        ])
    func allIsAsItShouldBe(group: String) throws {
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("scripts/check_video.py").path
        let folder = try TemporaryFolder()
        let result = try ShellResult(
            "python3 '\(script)' \"$(command -v slimvsr)\" --only '\(group): '", in: folder.path)
        let failures = result.outputLines.filter { $0.hasPrefix("FAILED") }
        #expect(result.status == 0, "\(failures.joined(separator: "\n")) \(result.errors)")
        // More than none: a group that is not there would pass.
        #expect(result.outputLines.contains { $0.hasPrefix("ok") })
    }
}
