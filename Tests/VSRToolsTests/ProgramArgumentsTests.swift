import Synchronization
import Testing
import VSRCore
import VSRProgram

@Suite struct ProgramArgumentsTests {
    @Test(arguments: [
        (["bench", "--threads", "-1"], ["bench", "--threads=-1"]),
        (["--ratio", "-.5", "--seed", "-1e3"], ["--ratio=-.5", "--seed=-1e3"]),
        // A value that is there already, names of files, short options and other options stay.
        (["--threads=2", "-1"], ["--threads=2", "-1"]),
        (["-1", "--json", "--half"], ["-1", "--json", "--half"]),
        (["-o", "-1", "--model", "-m"], ["-o", "-1", "--model", "-m"]),
        (["--clips", "-1", "-2"], ["--clips=-1", "-2"]),
        (["--", "--threads", "-1"], ["--", "--threads", "-1"]),
        (["-", "--", "-1"], ["-", "--", "-1"]),
    ])
    func negativeNumbersJoinTheOptionBefore(arguments: [String], expected: [String]) {
        #expect(ProgramArguments.joiningNegativeNumbers(arguments) == expected)
    }

    @Test(arguments: [
        (["bench", "basicvsr", "--threads", "-1"], "threads", "-1"),
        (["bench", "basicvsr", "--frames", "-3"], "frames", "-3"),
        (["upscale", "a.mp4", "b.mp4", "--model", "bicubic", "--frames", "-2"], "frames", "-2"),
        (["upscale", "a.mp4", "b.mp4", "--model", "bicubic", "--scale", "-4"], "scale", "-4"),
        (["inspect", "basicvsr", "--width", "-8"], "width", "-8"),
        (["prune", "uni-small", "--ratio", "-0.5", "-o", "x"], "ratio", "-0.5"),
        (["prune", "uni-small", "--ratio", "0.5", "--seed", "-1", "-o", "x"], "--seed", "'-1'"),
        (["evaluate", "--model", "bicubic", "--data", ".", "--scale", "-4"], "scale", "-4"),
    ])
    func negativeValuesGetTheRangesError(arguments: [String], option: String, value: String) {
        let result = CommandLineHarness.run(arguments)
        #expect(result.isMistake && result.output.isEmpty)
        #expect(result.remarks.count == 1)
        let remark = result.remarks.first ?? ""
        #expect(remark.hasPrefix("error: "))
        #expect(remark.contains(option) && remark.contains(value), "\(remark)")
        #expect(!remark.contains("Missing value"), "\(remark)")
    }

    @Test func aFailureIsOneLine() {
        let lines = Mutex<[String]>([])
        let console = Console(
            output: { _ in }, remark: { line in lines.withLock { $0.append(line) } },
            progress: ProgressPrinter(isTerminal: false, clock: { 0 }, write: { _ in }),
            cancellation: Cancellation())
        console.report(failure: "there is no a.mp4\n  give another\r\n\n")
        #expect(lines.withLock { $0 } == ["error: there is no a.mp4 give another"])
    }
}
