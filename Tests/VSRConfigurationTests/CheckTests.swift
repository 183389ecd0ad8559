import Testing
import VSRConfiguration
import VSRCore

private struct Inner: Configuration {
    var share = 0.5

    func validate() throws {
        try InvalidSetting.require((0...1).contains(share), "share", share, "in 0...1")
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
        #expect(message(settings) == "count must be positive, not 0")
        settings.middle.inner.share = 2
        #expect(message(settings) == "middle.inner.share must be in 0...1, not 2.0")
    }

    @Test func groupsThatMayBeLeftOutAreCheckedWhereTheyAreGiven() {
        var settings = Outer()
        settings.middle.other = Inner(share: 3)
        #expect(message(settings) == "middle.other.share must be in 0...1, not 3.0")
    }
}
