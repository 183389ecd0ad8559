import Testing
import VSRCore

@testable import VSRTraining

@Suite struct RegularizationTests {
    private func settings(step: Double, limit: Double) -> RegularizationSettings {
        var settings = RegularizationSettings()
        settings.step = step
        settings.limit = limit
        settings.interval = 2
        settings.hold = 3
        return settings
    }

    private func penalties(_ settings: RegularizationSettings) -> [Double] {
        (0..<settings.iterations).map(settings.penalty)
    }

    @Test func thePenaltyGrowsToItsLimitAndStaysForTheIterationsOfHold() {
        #expect(
            penalties(settings(step: 0.25, limit: 0.5)) == [0, 0, 0.25, 0.25, 0.5, 0.5, 0.5])
    }

    @Test func theLastStepIsCutShortWhereTheLimitIsNoMultiple() {
        #expect(
            penalties(settings(step: 0.25, limit: 0.625))
                == [0, 0, 0.25, 0.25, 0.5, 0.5, 0.625, 0.625, 0.625])
    }

    /// 1.1 / 0.1 is 11.000000000000002 in double precision, though 1.1 is eleven times 0.1.
    @Test func roundingMakesNoFurtherInterval() {
        let settings = settings(step: 0.1, limit: 1.1)
        #expect(settings.iterations == 11 * 2 + 3)
        #expect(settings.penalty(at: 21) == 1.0)
        #expect(settings.penalty(at: 22) == 1.1)
    }

    @Test func theDefaultsTakeNineteenThousandIterations() {
        let settings = RegularizationSettings()
        #expect(settings.iterations == 19_000)
        #expect(settings.penalty(at: 4_999) == 999 * 1e-4)
        #expect(settings.penalty(at: 5_000) == 0.1)
    }

    @Test func everyRoundsUnitsHaveAPenaltyOfTheirOwn() {
        var settings = settings(step: 0.25, limit: 0.5)
        settings.rounds = 2
        #expect(settings.roundIterations == 7 && settings.iterations == 14)
        #expect(
            (0..<14).map(settings.round) == Array(repeating: 0, count: 7)
                + Array(repeating: 1, count: 7))
        #expect(
            (0..<14).map { settings.penalty(at: $0, ofRound: 0) }
                == [0, 0, 0.25, 0.25] + Array(repeating: 0.5, count: 10))
        #expect(
            (0..<14).map { settings.penalty(at: $0, ofRound: 1) }
                == Array(repeating: 0, count: 9) + [0.25, 0.25, 0.5, 0.5, 0.5])
    }
}
