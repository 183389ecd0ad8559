import Testing
import VSRConfiguration
import VSRCore

private struct Inner: Configuration {
    var share = 0.5

    func validate() throws {
        try InvalidSetting.require((0...1).contains(share), "share", share, "from 0 to 1")
    }
}

private struct Middle: Configuration {
    var inner = Inner()
    var other: Inner?

    func validate() throws {}
}

private struct Outer: Configuration {
    var middle = Middle()
    var count = 1

    func validate() throws { try InvalidSetting.require(count > 0, "count", count, "positive") }
}

@Suite struct CheckTests {
    private func message(_ settings: Outer) -> String? {
        do {
            try settings.check()
            return nil
        } catch {
            return (error as? VSRError)?.message
        }
    }

    @Test func aFaultIsNamedByItsFullKey() {
        var settings = Outer()
        #expect(message(settings) == nil)
        settings.count = 0
        #expect(message(settings) == "count is 0; it must be positive")
        settings.middle.inner.share = 2
        #expect(message(settings) == "middle.inner.share is 2.0; it must be from 0 to 1")
    }

    @Test func groupsThatMayBeLeftOutAreCheckedWhereTheyAreGiven() {
        var settings = Outer()
        settings.middle.other = Inner(share: 3)
        #expect(message(settings) == "middle.other.share is 3.0; it must be from 0 to 1")
    }
}
