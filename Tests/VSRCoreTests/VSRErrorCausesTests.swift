import Foundation
import Testing
import VSRCore

@Suite struct VSRErrorCausesTests {
    private struct Unexplained: Error, CustomStringConvertible { var description = "it is Monday" }

    @Test func causesComeNearestFirst() {
        let first = VSRError(.io, "the disk is full")
        let second = VSRError(.corruptData, "the checkpoint is cut off", cause: first)
        let error = VSRError(.notFound, "there is no checkpoint", cause: second)
        #expect(error.causes == ["the checkpoint is cut off", "the disk is full"])
        #expect(first.causes.isEmpty)
    }

    @Test func aCauseThatTheMessageQuotesIsNotRepeated() {
        let cause = VSRError(.corruptData, "its checksum is wrong")
        let error = VSRError(.corruptData, "no checkpoint (its checksum is wrong)", cause: cause)
        #expect(error.causes.isEmpty)
    }

    @Test func theSystemsReasonIsShownForFiles() {
        do {
            _ = try Data(contentsOf: URL(fileURLWithPath: "/there/is/none"))
            Issue.record("a file was read that is not there")
        } catch {
            // strerror(ENOENT) of the C library.
            #expect(VSRError(.io, "m", cause: error).causes == ["No such file or directory"])
        }
    }

    @Test func otherErrorsDescribeThemselves() {
        #expect(VSRError(.io, "m", cause: Unexplained()).causes == ["it is Monday"])
        let context = DecodingError.Context(codingPath: [], debugDescription: "no brace")
        #expect(
            VSRError(.io, "m", cause: DecodingError.dataCorrupted(context)).causes
                == ["it is malformed: no brace"])
    }
}
