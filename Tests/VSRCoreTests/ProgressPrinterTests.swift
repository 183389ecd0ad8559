import Synchronization
import Testing

@testable import VSRCore

@Suite struct ProgressPrinterTests {
    /// A printer whose clock is set by hand and whose output is kept.
    private final class Bench: Sendable {
        let time = Mutex(0.0)
        let output = Mutex("")

        func printer(isTerminal: Bool) -> ProgressPrinter {
            ProgressPrinter(
                isTerminal: isTerminal, clock: { self.time.withLock { $0 } },
                write: { text in self.output.withLock { $0 += text } })
        }

        var text: String { output.withLock { $0 } }

        func set(_ seconds: Double) { time.withLock { $0 = seconds } }
    }

    @Test func plainOutputHasOneLinePerTenSecondsAndTheLast() {
        let bench = Bench()
        let printer = bench.printer(isTerminal: false)
        for second in 0...40 {
            bench.set(Double(second))
            printer.report(ProgressUpdate("evaluate", completed: second * 2, total: 80))
        }
        #expect(
            bench.text == """
                evaluate 0/80 frames
                evaluate 20/80 frames, 2.0/s, 0:30 left
                evaluate 40/80 frames, 2.0/s, 0:20 left
                evaluate 60/80 frames, 2.0/s, 0:10 left
                evaluate 80/80 frames, 2.0/s, done in 0:40

                """)
    }

    @Test func aTerminalLineIsRewrittenInPlace() {
        let bench = Bench()
        let printer = bench.printer(isTerminal: true)
        printer.report(ProgressUpdate("a", completed: 0, total: 2, unit: "steps"))
        bench.set(0.05)
        printer.report(ProgressUpdate("a", completed: 1, total: 2, unit: "steps"))
        bench.set(4)
        printer.report(
            ProgressUpdate("a", completed: 1, total: 2, unit: "steps", detail: "loss 1"))
        printer.report(ProgressUpdate("b", completed: 7, total: nil, unit: "steps"))
        printer.finish()
        #expect(
            bench.text
                == "\ra 0/2 steps\u{1B}[K\ra 1/2 steps, 4.0 s each, 0:04 left, loss 1\u{1B}[K"
                + "\n\rb 7 steps\u{1B}[K\n")
    }

    @Test func aResumedRunsRateCountsItsOwnStepsOnly() {
        let meter = ProgressMeter(ProgressUpdate("a", completed: 100, total: 200), time: 0)
        let line = meter.line(ProgressUpdate("a", completed: 110, total: 200), time: 10)
        #expect(line == "a 110/200 frames, 1.0/s, 1:30 left")
    }

    @Test func linesFitATerminal() {
        let update = ProgressUpdate(
            "a", completed: 1, total: 2, detail: String(repeating: "x", count: 200))
        #expect(ProgressMeter(update, time: 0).line(update, time: 0).count == 79)
    }

    @Test func durationsReadAsOnAClock() {
        #expect(ProgressMeter.durationText(0) == "0:00")
        #expect(ProgressMeter.durationText(8.2) == "0:09")
        #expect(ProgressMeter.durationText(754) == "12:34")
        #expect(ProgressMeter.durationText(3723) == "1:02:03")
        #expect(ProgressMeter.durationText(.infinity) == "99:59:59")
    }

    @Test func reportsFromManyThreadsLeaveWholeLines() async {
        let bench = Bench()
        let printer = bench.printer(isTerminal: false)
        await withTaskGroup(of: Void.self) { group in
            for thread in 0..<8 {
                group.addTask {
                    for step in 1...50 {
                        printer.report(
                            ProgressUpdate("t\(thread)", completed: step, total: 50, unit: "x"))
                    }
                }
            }
        }
        let lines = bench.text.split(separator: "\n")
        #expect(lines.count >= 8)
        #expect(lines.allSatisfy { $0.contains(/^t\d \d+\/50 x/) })
    }
}
