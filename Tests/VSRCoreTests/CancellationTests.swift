import Testing
import VSRCore

@Suite struct CancellationTests {
    @Test func aParentsRequestCountsForItsChildrenAtOnce() throws {
        let parent = Cancellation()
        let child = Cancellation(parent: parent)
        let other = Cancellation(parent: parent)
        try child.check()
        other.request()
        #expect(other.isRequested && !child.isRequested && !parent.isRequested)
        parent.request()
        #expect(child.isRequested)
        let error = #expect(throws: VSRError.self) { try child.check() }
        #expect(error?.code == .cancelled)
    }
}
