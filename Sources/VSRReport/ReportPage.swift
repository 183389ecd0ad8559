import Foundation
import VSRCore

/// Writes a ``Report`` as one HTML page that needs nothing besides itself.
///
/// The page is well-formed XML, too, so that tests and tools can parse it.
public enum ReportPage {
    /// Writes the page to `path`, whole or not at all.
    ///
    /// - Throws: `io` naming `path`.
    public static func write(_ report: Report, to path: String) throws {
        try AtomicFile.write(Data(html(report).utf8), to: path)
    }

    /// The whole page.
    public static func html(_ report: Report) -> String {
        """
        <!DOCTYPE html>
        <html xmlns="http://www.w3.org/1999/xhtml" lang="en">
        <head>
        <meta charset="utf-8"/>
        <meta name="viewport" content="width=device-width, initial-scale=1"/>
        <meta name="color-scheme" content="light dark"/>
        <title>\(Markup.escaped(report.title))</title>
        <style>\(PageFiles.styleSheet)</style>
        </head>
        <body>
        <main>
        <header><h1>\(Markup.escaped(report.title))</h1>
        <p class="summary">\(Markup.escaped(report.summary))</p></header>
        \(highlights(report.highlights))
        \(comparisons(Array(report.comparisons.prefix(1))))
        \(methods(report.methods))
        \(report.tables.map { $0.html() }.joined(separator: "\n"))
        \(charts(report.charts))
        \(comparisons(Array(report.comparisons.dropFirst())))
        \(conditions(report.conditions))
        </main>
        <script>\(PageFiles.script)</script>
        </body>
        </html>

        """
    }

    private static func highlights(_ highlights: [Report.Highlight]) -> String {
        guard !highlights.isEmpty else { return "" }
        let items = highlights.map {
            "<div><strong>\(Markup.escaped($0.figure))</strong>"
                + "<span>\(Markup.escaped($0.meaning))</span></div>"
        }
        return "<section class=\"highlights\">\(items.joined(separator: "\n"))</section>"
    }

    private static func methods(_ methods: [Report.Method]) -> String {
        guard !methods.isEmpty else { return "" }
        return "<section><h2>Methods compared</h2>\n\(MethodTable(methods: methods).html())"
            + "</section>"
    }

    private static func charts(_ charts: [Chart]) -> String {
        guard !charts.isEmpty else { return "" }
        return "<section class=\"charts\">\n"
            + charts.map(figure).joined(separator: "\n") + "</section>"
    }

    private static func figure(_ chart: Chart) -> String {
        // Points carry their names beside them, a single series needs none.
        let needsLegend = chart.style != .points && chart.series.count > 1
        let entries = chart.series.enumerated().map {
            "<li class=\"c\($0.offset % ChartRenderer.colors)\">"
                + "\(Markup.escaped($0.element.name))</li>"
        }
        let legend = needsLegend ? "<ul class=\"legend\">\(entries.joined())</ul>" : ""
        let explanation =
            chart.explanation.isEmpty
            ? "" : "<p class=\"note\">\(Markup.escaped(chart.explanation))</p>"
        return "<figure><figcaption>\(Markup.escaped(chart.title))</figcaption>"
            + "\(explanation)\(legend)\n\(ChartRenderer(chart).svg())</figure>"
    }

    private static func comparisons(_ comparisons: [Report.ImageComparison]) -> String {
        comparisons.filter { $0.images.count >= 2 }
            .map { ComparisonSlider(comparison: $0).html() }.joined(separator: "\n")
    }

    private static func conditions(_ conditions: [Report.Condition]) -> String {
        guard !conditions.isEmpty else { return "" }
        let items = conditions.map {
            "<dt>\(Markup.escaped($0.name))</dt><dd>\(Markup.escaped($0.value))</dd>"
        }
        return "<section><h2>Conditions</h2><dl>\(items.joined(separator: "\n"))</dl></section>"
    }

    /// A chart as a file of its own, with the page's colors.
    public static func svg(of chart: Chart) -> String {
        let drawing = ChartRenderer(chart).svg()
        let style = "<style>\(Markup.escaped(PageFiles.styleSheet))</style>"
        let start = drawing.firstIndex(of: ">") ?? drawing.startIndex
        return drawing[..<start].replacingOccurrences(
            of: "<svg ", with: "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"alone\" ")
            + ">\n\(style)" + drawing[drawing.index(after: start)...] + "\n"
    }
}
