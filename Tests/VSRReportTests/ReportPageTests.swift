import Foundation
import FoundationXML
import Testing

@testable import VSRReport

@Suite struct ReportPageTests {
    /// Collects what an XML parser finds in a page.
    private final class Collector: NSObject, XMLParserDelegate {
        var elements: [(name: String, attributes: [String: String])] = []
        var text = ""

        func parser(
            _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
            qualifiedName: String?, attributes: [String: String]
        ) {
            elements.append((name, attributes))
        }

        func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }
    }

    private static let nasty = "a<b>&\"c\" 'd' </script> é \u{1}"

    private static let report = Report(
        title: nasty, summary: "Half the operations.",
        highlights: [.init("2.1×", "fewer operations")],
        methods: [
            .init(
                name: "dense", note: nasty, psnr: 27.235, ssim: 0.82512,
                macs: .init(withoutFlow: 208_261_000_000, withFlow: 227_920_000_000),
                parameters: .init(withoutFlow: 2_593_000, withFlow: 4_033_300),
                time: .init(median: 120.04, lowerQuartile: 118, upperQuartile: 125.5),
                iterations: 500, isEmphasized: true),
            .init(name: "unmeasured", psnr: .nan),
        ],
        charts: [
            Chart(
                title: "Factors", style: .lines, horizontalLabel: "iteration",
                verticalLabel: "mean factor",
                series: [
                    .init(name: nasty, points: [.init(0, 1), .init(100, 0), .init(200, .nan)])
                ]),
            Chart(
                title: "Ratio", style: .bars, horizontalLabel: "layer", verticalLabel: "removed",
                series: [.init(name: "in", points: [.init(0, 0.5), .init(1, 1)])],
                categories: ["1", "2"], verticalRange: .init(0, 1)),
        ],
        comparisons: [
            .init(
                title: "calendar",
                images: ["bicubic", "dense", "slim"].map {
                    .init(name: $0, mediaType: "image/png", data: Data([1, 2, 3]))
                })
        ],
        conditions: [.init("seed", "1")])

    private func parsed(_ page: String) throws -> Collector {
        let parser = XMLParser(data: Data(page.utf8))
        let collector = Collector()
        parser.delegate = collector
        #expect(parser.parse(), "\(String(describing: parser.parserError))")
        return collector
    }

    @Test func thePageIsWellFormedWhateverTheTexts() throws {
        let page = try parsed(ReportPage.html(Self.report))
        #expect(page.text.contains("a<b>&\"c\" 'd' </script> é \u{FFFD}"))
        #expect(page.elements.filter { $0.name == "script" }.count == 1)
    }

    @Test func thePageLoadsNothingFromOutside() throws {
        let html = ReportPage.html(Self.report)
        let page = try parsed(html)
        for (name, attributes) in page.elements {
            #expect(attributes["href"] == nil && name != "link" && name != "iframe")
            if let source = attributes["src"] { #expect(source.hasPrefix("data:")) }
        }
        #expect(!html.contains("url(") && !html.contains("@import"))
        #expect(html.components(separatedBy: "http").count == 2, "only the XML namespace")
    }

    @Test func theTableShowsEveryFigureAndADashWhereThereIsNone() throws {
        let html = MethodTable(methods: Self.report.methods).html()
        for cell in ["27.23", "0.8251", "208.26", "227.92", "2593.0", "4033.3", "500"] {
            #expect(html.contains("<td>\(cell)</td>"), "\(cell)")
        }
        #expect(html.contains("<td>120.0<span>118.0–125.5</span></td>"))
        #expect(html.components(separatedBy: "<td>–</td>").count == 1 + 8)
    }

    @Test func picturesTravelInsideThePage() throws {
        let page = try parsed(ReportPage.html(Self.report))
        let images = page.elements.filter { $0.name == "img" }
        #expect(images.map { $0.attributes["alt"] } == ["bicubic", "dense", "slim"])
        #expect(images.allSatisfy { $0.attributes["src"] == "data:image/png;base64,AQID" })
    }

    @Test func aReportSurvivesJSON() throws {
        var report = Self.report
        // JSON has no NaN.
        report.methods.removeLast()
        report.charts.removeFirst()
        let copy = try JSONDecoder().decode(Report.self, from: JSONEncoder().encode(report))
        #expect(copy == report)
    }

    @Test func anEmptyReportIsAPage() throws {
        _ = try parsed(ReportPage.html(Report(title: "t", summary: "s")))
    }
}
