import Foundation
import Testing
import VSRCore

@testable import VSRTools

/// What the log of a training run says, line by line.
@Suite struct TrainingLogFileTests {
    /// As training writes them, the last one cut off by a kill.
    private static let text = """
        {"dataWaitShare":0.25,"figures":{"chosen":0.5},"iteration":10,"iterationsPerSecond":2,\
        "means":{"loss":"inf"},"rate":0.1}
        {"iteration":10,"validation":{"bicubicPSNR":20,"clips":{"a":"inf"},"psnr":"inf"}}
        {"dataWaitShare":0,"figures":{},"iteration":30,"iterationsPerSecond":4,"means":{},"rate":0.1}
        {"iteration":40,"dataWai
        """

    @Test func everyReaderGetsTheSameEntries() throws {
        let log = TrainingLogFile(Data(Self.text.utf8))
        #expect(log.lines.count == 4)
        #expect(log.unreadLines == 1)
        #expect(log.entries.map(\.iteration) == [10, 10, 30])
        // 10 iterations at 2 a second, then 20 at 4.
        #expect(log.lines.map(\.seconds) == [5, 0, 5, 0])
        #expect(log.seconds == 10)
        #expect(log.entries[0].figures == ["chosen": 0.5])
        #expect(log.entries[0].dataWaitShare == 0.25)
        // Equal frames have an infinite PSNR, which JSON has no number for.
        #expect(log.entries[1].validation?.psnr == .infinity)
        let lines = Self.text.split(separator: "\n").map { Data($0.utf8) }
        #expect((log.lines.map(\.text) == lines) as Bool)
    }

    @Test func aLogThatIsMissingIsNamed() {
        #expect(
            #expect(throws: VSRError.self) { try TrainingLogFile(path: "/nowhere/log.jsonl") }?
                .message == "there is no training log /nowhere/log.jsonl that can be read")
    }
}
