import Foundation
import Testing
import VSRConfiguration
import VSRCore
import VSRTestSupport

/// The example of the library's documentation; `VSRToolsTests` compares the two.
@Suite struct ArticleTests {
    @Test func settingsAreReadAndOverridden() throws {
        let folder = try TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        let path = folder.path("run.yml")
        try AtomicFile.write(Data("iterations: 20\n".utf8), to: path)

        struct Settings: Configuration {
            var iterations = 1000
            var rate = 1e-4

            func validate() throws {
                guard rate > 0 else {
                    throw VSRError(.invalidArgument, "rate must be above 0, not \(rate)")
                }
            }
        }
        let settings = try ConfigurationFile.load(
            Settings.self, path: path, overrides: ["rate=2e-4"])

        #expect(settings.iterations == 20 && settings.rate == 2e-4)
    }
}
