import Foundation
import Testing

@testable import VSRReport

@Suite struct ChartRendererTests {
    @Test func axesEndAtRoundNumbersAroundTheValues() {
        let axis = Axis(values: [23.4, 27.9])
        #expect(axis.lower == 23 && axis.upper == 28)
        #expect(axis.ticks == [23, 24, 25, 26, 27, 28])
        #expect(axis.ticks.map(axis.label) == ["23", "24", "25", "26", "27", "28"])
    }

    @Test func tickLabelsHaveTheDecimalsOfTheirStep() {
        let axis = Axis(values: [0, 1])
        #expect(axis.ticks.map(axis.label) == ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"])
        #expect(Axis(values: [0, 14_000]).label(10_000) == "10k")
    }

    @Test func fixedEndsAreKept() {
        let axis = Axis(values: [5], range: .init(0, 1))
        #expect(axis.lower == 0 && axis.upper == 1 && axis.fraction(0.25) == 0.25)
    }

    @Test func axesOfOneOrNoValueHaveAnExtent() {
        for values in [[], [7.0], [0, 0], [.nan, .infinity]] {
            let axis = Axis(values: values)
            #expect(axis.upper > axis.lower && axis.ticks.count >= 2)
        }
    }

    @Test func linesPassThroughTheirPoints() {
        // The plot spans x 66...584 and y 280...16: its corners and its middle.
        let chart = Chart(
            title: "t", style: .lines, horizontalLabel: "x", verticalLabel: "y",
            series: [.init(name: "s", points: [.init(0, 0), .init(5, 5), .init(10, 10)])])
        #expect(
            ChartRenderer(chart).svg().contains(
                "<polyline points=\"66.0,280.0 325.0,148.0 584.0,16.0\"/>"))
    }

    @Test func barsStandOnZeroSideBySide() {
        // Two categories share 518 units; two bars of at most 40 units in the middle of each slot.
        let chart = Chart(
            title: "t", style: .bars, horizontalLabel: "x", verticalLabel: "y",
            series: [
                .init(name: "a", points: [.init(0, 0.5)]), .init(name: "b", points: [.init(1, 1)]),
            ],
            categories: ["1", "2"], verticalRange: .init(0, 1))
        let svg = ChartRenderer(chart).svg()
        #expect(svg.contains("<rect x=\"155.5\" y=\"148.0\" width=\"36.8\" height=\"132.0\"/>"))
        #expect(svg.contains("<rect x=\"454.5\" y=\"16.0\" width=\"36.8\" height=\"264.0\"/>"))
    }

    @Test func namesOfNeighboringPointsDoNotOverlap() {
        // The vertical axis spans 29 to 33 over 264 units: 32.46 lies at 51.6, 32.38 at 56.9.
        let chart = Chart(
            title: "t", style: .points, horizontalLabel: "x", verticalLabel: "y",
            series: [
                .init(name: "a", points: [.init(5, 32.46)]),
                .init(name: "b", points: [.init(5, 32.38)]),
                .init(name: "c", points: [.init(11, 29.1)]),
            ], verticalRange: .init(29, 33))
        let svg = ChartRenderer(chart).svg()
        // Texts stand 5 units lower than their points' centers; one line is 17 units.
        #expect(svg.contains("y=\"56.6\">a</text>"))
        #expect(svg.contains("y=\"73.6\">b</text>"))
        #expect(svg.contains("cy=\"56.9\""))
    }
}
