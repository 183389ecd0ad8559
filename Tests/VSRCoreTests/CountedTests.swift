import Testing
import VSRCore

@Suite struct CountedTests {
    @Test func oneIsSingularAndEveryOtherCountPlural() {
        #expect(1.counted("thread") == "1 thread")
        #expect([0, 2, 21].map { $0.counted("frame") } == ["0 frames", "2 frames", "21 frames"])
    }
}
