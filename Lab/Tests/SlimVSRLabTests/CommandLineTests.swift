import Testing
import VSRCore
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
    func mistakesAreOneSentenceAndExitCodeOne(arguments: [String]) {
        let result = run(arguments)
        #expect(result.code == 1)
        #expect(result.output.isEmpty)
        #expect(result.remarks.count == 1)
        #expect(result.remarks.first?.hasPrefix("error: ") == true)
        #expect(result.remarks.first?.contains("\n") == false)
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
        #expect(result.code == 1 && result.remarks.count == 1)
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
}
