import Foundation
import Testing
import VSRCore

@testable import VSRConfiguration

struct Optimizer: Configuration, Equatable {
    var rate = 2e-4
    var betas = [0.9, 0.99]
    func validate() throws {
        guard rate > 0 else {
            throw VSRError(.invalidArgument, "optimizer.rate must be above 0, not \(rate)")
        }
    }
}

enum Direction: String, Codable, Sendable { case uni, bi }

struct Settings: Configuration, Equatable {
    var iterations = 1000
    var seed: UInt64 = 1
    var flow: String?
    var direction = Direction.uni
    var enabled = true
    var optimizer = Optimizer()
    func validate() throws { try optimizer.validate() }
}

private func parse(_ yaml: String, _ overrides: String...) throws -> Settings {
    try ConfigurationFile.parse(Settings.self, yaml: yaml, name: "run.yml", overrides: overrides)
}

private func message(_ yaml: String, _ overrides: String...) -> String {
    do {
        _ = try ConfigurationFile.parse(
            Settings.self, yaml: yaml, name: "run.yml", overrides: overrides)
        return "no error"
    } catch let error as VSRError {
        return error.message
    } catch {
        return "another error: \(error)"
    }
}

@Suite struct ConfigurationFileTests {
    @Test func anEmptyFileGivesTheDefaults() throws {
        #expect(try parse("") == Settings())
        #expect(try parse("# nothing\n") == Settings())
    }

    @Test func aFileNamesOnlyWhatDiffers() throws {
        var expected = Settings()
        expected.iterations = 50
        expected.flow = "spynet.safetensors"
        expected.optimizer.rate = 1e-3
        expected.direction = .bi
        let yaml = """
            iterations: 50
            flow: spynet.safetensors
            direction: bi
            optimizer:
              rate: 1e-3
            """
        #expect(try parse(yaml) == expected)
    }

    @Test func overridesReplaceWhatTheFileSaysAndTheLastWins() throws {
        let settings = try parse(
            "iterations: 50", "iterations=60", "optimizer.rate=0.5", "iterations=70",
            "optimizer.betas=[0.5, 0.6]", "enabled=false")
        #expect(settings.iterations == 70)
        #expect(settings.optimizer == Optimizer(rate: 0.5, betas: [0.5, 0.6]))
        #expect(!settings.enabled)
    }

    @Test func aSeedOf63BitsIsReadExactly() throws {
        #expect(try parse("seed: 9223372036854775807").seed == 9_223_372_036_854_775_807)
    }

    @Test func anUnknownKeyIsRefusedWithTheNearestKnownOne() {
        #expect(
            message("iteration: 5") == "run.yml: unknown key iteration; did you mean iterations?")
        #expect(
            message("optimizer:\n  Rates: 5")
                == "run.yml: unknown key optimizer.Rates; did you mean rate?")
        #expect(
            message("", "optimizer.zzzzzz=1")
                == "--set optimizer.zzzzzz=1: unknown key optimizer.zzzzzz; known here: betas, rate"
        )
    }

    @Test func aValueOfTheWrongKindIsNamed() {
        #expect(
            message("iterations: many") == "run.yml: iterations must be an integer, not \"many\"")
        #expect(
            message("optimizer:\n  rate: fast")
                == "run.yml: optimizer.rate must be a number, not \"fast\"")
        #expect(
            message("optimizer: 3")
                == "run.yml: optimizer must be a group of keys (betas, rate), not 3")
        #expect(
            message("direction: sideways").hasPrefix("run.yml: direction cannot be \"sideways\""))
        #expect(message("- 1").contains("the file must be a group of keys"))
    }

    @Test func aValueOutOfRangeIsNamedWithTheFile() {
        #expect(
            message("optimizer:\n  rate: -1")
                == "run.yml: optimizer.rate must be above 0, not -1.0")
    }

    @Test func brokenTextIsRefused() {
        #expect(message("a: [1, 2").hasPrefix("run.yml is not valid YAML"))
        #expect(message("iterations: 1\niterations: 2").contains("iterations"))
        #expect(
            message("iterations: .inf")
                == "run.yml: a value is infinite or not a number; write a finite one")
        #expect(message(String(repeating: "[", count: 3000)).contains("run.yml"))
        #expect(message("", "iterations").contains("--set takes key=value"))
        #expect(message("", ".a=1").contains("--set takes key=value"))
    }

    @Test func writtenSettingsReadBackTheSame() throws {
        var settings = Settings()
        settings.optimizer.rate = 1.0 / 3
        settings.seed = 1 << 62
        #expect(try parse(ConfigurationFile.yaml(of: settings)) == settings)
    }
}
