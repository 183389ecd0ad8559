import Testing

@testable import VSRMedia

@Suite struct DecodingClockTests {
    private static func times(_ shown: [Int64]) -> [Int64] {
        var clock = DecodingClock(shown)
        return shown.map { _ in clock.next() }
    }

    /// Frames 0 4 2 1 3 | 5 9 7 6 8 in the order of packets: two parts that begin anew; frame 1 is the
    /// fourth packet, two later than in the order of showing.
    @Test func timesRiseAndAreNeverLate() {
        let shown: [Int64] = [0, 40, 20, 10, 30, 50, 90, 70, 60, 80]
        let decoded = Self.times(shown)
        #expect(decoded == [-20, -10, 0, 10, 20, 30, 40, 50, 60, 70])
        #expect(zip(decoded, shown).allSatisfy { $0 <= $1 })
    }

    @Test func variableRatesKeepTheirSteps() {
        #expect(Self.times([0, 100, 3, 103]) == [-3, 0, 3, 100])
    }

    @Test func withoutReorderingBothTimesAreEqual() {
        #expect(Self.times([1, 5, 9]) == [1, 5, 9])
        #expect(Self.times([7]) == [7])
        #expect(Self.times([]).isEmpty)
    }
}
