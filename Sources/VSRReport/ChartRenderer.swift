/// Draws a ``Chart`` as an SVG element that takes its colors from the page's style sheet.
struct ChartRenderer {
    /// The drawing's own units; the page scales it to the width at hand.
    static let width = 600.0
    static let height = 340.0
    static let colors = 12

    private static let dottedPoints = 10

    private let chart: Chart
    private let horizontal: Axis
    private let vertical: Axis
    private let left = 66.0
    private let right = 584.0
    private let top = 16.0
    private let bottom = 280.0

    init(_ chart: Chart) {
        self.chart = chart
        let points = chart.series.flatMap(\.points)
        let isBars = chart.style == .bars
        let slots = Chart.Range(0, Double(max(chart.categories.count, 1)))
        horizontal = isBars ? Axis(values: [], range: slots) : Axis(values: points.map(\.x))
        vertical = Axis(
            values: points.map(\.y) + (isBars ? [0] : []), range: chart.verticalRange)
    }

    /// The whole `<svg>` element.
    func svg() -> String {
        var lines = [
            "<svg viewBox=\"0 0 \(Int(Self.width)) \(Int(Self.height))\" role=\"img\" "
                + "aria-label=\"\(Markup.escaped(chart.title))\">"
        ]
        lines += verticalGrid()
        lines += chart.style == .bars ? categoryLabels() : horizontalTicks()
        lines += axisLabels()
        let labelHeights = labelHeights()
        for (index, series) in chart.series.enumerated() {
            lines.append("<g class=\"series c\(index % Self.colors)\">")
            switch chart.style {
            case .lines: lines += polyline(series)
            case .points: lines += dots(series, labelHeights[index])
            case .bars: lines += bars(series, index)
            }
            lines.append("</g>")
        }
        lines.append("</svg>")
        return lines.joined(separator: "\n")
    }

    private func x(_ value: Double) -> Double {
        left + (right - left) * horizontal.fraction(value)
    }

    private func y(_ value: Double) -> Double {
        bottom - (bottom - top) * min(max(vertical.fraction(value), 0), 1)
    }

    private func verticalGrid() -> [String] {
        vertical.ticks.flatMap { tick in
            let height = number(y(tick))
            return [
                "<line class=\"grid\" x1=\"\(number(left))\" x2=\"\(number(right))\" "
                    + "y1=\"\(height)\" y2=\"\(height)\"/>",
                text(vertical.label(tick), left - 8, y(tick) + 5, anchor: "end"),
            ]
        }
    }

    private func horizontalTicks() -> [String] {
        horizontal.ticks.map { text(horizontal.label($0), x($0), bottom + 22) }
    }

    /// Every category's name, or every second, third… where they would touch.
    private func categoryLabels() -> [String] {
        let slot = (right - left) / Double(max(chart.categories.count, 1))
        let widest = Double(chart.categories.map(\.count).max() ?? 1) * 8.5 + 6
        let every = max(1, Int((widest / slot).rounded(.up)))
        return chart.categories.enumerated().filter { $0.offset % every == 0 }.map {
            text($0.element, x(Double($0.offset) + 0.5), bottom + 22)
        }
    }

    private func axisLabels() -> [String] {
        let middle = number((top + bottom) / 2)
        return [
            text(chart.horizontalLabel, (left + right) / 2, bottom + 50, style: "label"),
            "<text class=\"label\" text-anchor=\"middle\" x=\"16\" y=\"\(middle)\" "
                + "transform=\"rotate(-90 16 \(middle))\">\(Markup.escaped(chart.verticalLabel))"
                + "</text>",
        ]
    }

    /// A line, and a dot at each point where there are few; one point alone is a dot.
    private func polyline(_ series: Chart.Series) -> [String] {
        let points = finite(series)
        let corners = points.map { "\(number(x($0.x))),\(number(y($0.y)))" }
        let dots =
            points.count > Self.dottedPoints
            ? []
            : points.map {
                "<circle cx=\"\(number(x($0.x)))\" cy=\"\(number(y($0.y)))\" r=\"4\"/>"
            }
        return ["<polyline points=\"\(corners.joined(separator: " "))\"/>"] + dots
    }

    private func dots(_ series: Chart.Series, _ labelHeights: [Double]) -> [String] {
        zip(finite(series), labelHeights).flatMap { point, height -> [String] in
            let nearRight = x(point.x) > left + (right - left) * 0.7
            return [
                "<circle cx=\"\(number(x(point.x)))\" cy=\"\(number(y(point.y)))\" r=\"7\"/>",
                text(
                    series.name, x(point.x) + (nearRight ? -13 : 13), height + 5,
                    anchor: nearRight ? "end" : "start", style: "name"),
            ]
        }
    }

    /// Where the names beside the points stand, by series: at their points' height, or below a name
    /// that is already there.
    private func labelHeights() -> [[Double]] {
        let lineHeight = 17.0
        let nameWidth = 130.0
        var taken: [(x: Double, y: Double)] = []
        return chart.series.map { series in
            finite(series).map { point in
                let column = x(point.x)
                var height = y(point.y)
                let neighbors = taken.filter { abs($0.x - column) < nameWidth }
                    .sorted { $0.y < $1.y }
                for other in neighbors where abs(other.y - height) < lineHeight {
                    height = other.y + lineHeight
                }
                taken.append((column, height))
                return height
            }
        }
    }

    private func bars(_ series: Chart.Series, _ index: Int) -> [String] {
        let slot = (right - left) / Double(max(chart.categories.count, 1))
        let barWidth = min(slot * 0.8 / Double(chart.series.count), 40)
        let groupWidth = barWidth * Double(chart.series.count)
        return finite(series).map { point in
            let start = x(point.x + 0.5) - groupWidth / 2 + barWidth * Double(index)
            let base = y(max(0, vertical.lower))
            return "<rect x=\"\(number(start))\" y=\"\(number(min(y(point.y), base)))\" "
                + "width=\"\(number(barWidth * 0.92))\" "
                + "height=\"\(number(abs(base - y(point.y))))\"/>"
        }
    }

    private func finite(_ series: Chart.Series) -> [Chart.Point] {
        series.points.filter { $0.x.isFinite && $0.y.isFinite }
    }

    private func text(
        _ content: String, _ x: Double, _ y: Double, anchor: String = "middle",
        style: String = "tick"
    ) -> String {
        "<text class=\"\(style)\" text-anchor=\"\(anchor)\" x=\"\(number(x))\" "
            + "y=\"\(number(y))\">\(Markup.escaped(content))</text>"
    }

    private func number(_ value: Double) -> String { Axis.decimal(value, 1) }
}
