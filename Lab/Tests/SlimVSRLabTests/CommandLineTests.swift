import Foundation
import Testing
import VSRCore
import VSRProgram
import VSRTools

@testable import slimvsr_lab

@Suite struct CommandLineTests {
    @Test(arguments: [
        ["no-such-command"], ["pretrain"], ["pretrain", "a.yml", "extra"],
        ["pretrain", "a.yml", "--no-such-option"], ["finetune", "a.yml", "--device"],
        ["compress", "no-such-file.yml"], ["pretrain", "no-such-file.yml", "--device", "tpu"],
        ["bench-step", "a.yml", "--rounds", "many"], ["bench-step", "a.yml", "--rounds", "0"],
        ["demo", "--input", "no-such-video.mp4"], ["demo", "--seed", "x"],
    ])
    func mistakesAreOneSentence(arguments: [String]) {
        let result = run(arguments)
        #expect(result.isMistake)
        #expect(result.output.isEmpty)
        #expect(result.remarks.first?.hasPrefix("error: ") == true)
        #expect(result.remarks.dropFirst().allSatisfy { $0.hasPrefix("cause: ") })
        #expect(result.remarks.allSatisfy { !$0.contains("\n") })
    }

    @Test func anErrorShowsItsCauseAndVerboseItsLocation() throws {
        let arguments = ["compress", "no-such-file.yml"]
        let remarks = run(arguments).remarks
        #expect(remarks.count == 2 && remarks.last == "cause: No such file or directory")
        let verbose = run(arguments + ["--verbose"]).remarks
        try #require(verbose.count == 3)
        #expect(verbose[2].hasPrefix("raised: io at VSRConfiguration/ConfigurationFile.swift:"))
    }

    @Test(arguments: [[], ["pretrain"], ["compress"], ["finetune"], ["demo"], ["bench-step"]])
    func theVersionIsToldEverywhere(command: [String]) {
        let result = run(command + ["--version"])
        #expect(result.code == 0 && result.output == ProgramVersion.text)
    }

    @Test(arguments: [
        (["demo", "--threads", "-1"], "--threads", "not -1"),
        (["demo", "--threads", "1025"], "--threads", "not 1025"),
        (["demo", "--seed", "-1"], "--seed", "'-1'"),
        (["bench-step", "a.yml", "--rounds", "-3"], "--rounds", "not -3"),
        (["pretrain", "a.yml", "--device", "-1"], "device", "\"-1\""),
    ])
    func negativeValuesGetTheRangesError(arguments: [String], option: String, value: String) {
        let result = run(arguments)
        let remark = result.remarks.first ?? ""
        #expect(result.isMistake && result.remarks.count == 1)
        #expect(remark.contains(option) && remark.contains(value), "\(remark)")
    }

    @Test func helpIsNoMistake() {
        for arguments in [["--help"], [], ["pretrain", "--help"], ["help", "pretrain"]] {
            let result = run(arguments)
            #expect(result.code == 0 && result.remarks.isEmpty)
            #expect(result.output.contains("USAGE: slimvsr-lab"))
            #expect(result.output.contains("--resume") == arguments.contains("pretrain"))
        }
    }

    /// What OpenMP's library tells of a setting, each time it is loaded by the program, which runs in
    /// a process of its own.
    private func told(_ setting: String, given: [String: String]) throws -> [String] {
        let process = Process()
        process.executableURL = Self.program
        process.arguments = ["--no-such-option"]
        process.environment = given.merging(["OMP_DISPLAY_ENV": "verbose"]) { $1 }
        let pipe = Pipe()
        process.standardError = pipe
        try process.run()
        let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        let lines = text.split(separator: "\n")
        #expect(process.terminationStatus == 2)
        #expect(lines.last?.hasPrefix("error: ") == true)
        return lines.filter { $0.contains(" \(setting) = ") }.map {
            $0.split(separator: "'").dropFirst().first.map(String.init) ?? ""
        }
    }

    /// The executable, built beside the tests.
    private static let program = URL(fileURLWithPath: CommandLine.arguments[0])
        .deletingLastPathComponent().appendingPathComponent("slimvsr-lab")

    @Test func waitingThreadsSpinBrieflyUnlessTheUserChose() throws {
        // Loaded with the library's default first, then again after the new start.
        let spins = try told("GOMP_SPINCOUNT", given: [:])
        #expect(spins.count == 2 && spins.last == "5000")
        #expect(try told("OMP_WAIT_POLICY", given: [:]).last == "PASSIVE")
        #expect(try told("OMP_WAIT_POLICY", given: ["OMP_WAIT_POLICY": "active"]) == ["ACTIVE"])
        #expect(try told("GOMP_SPINCOUNT", given: ["GOMP_SPINCOUNT": "7"]) == ["7"])
    }
}
