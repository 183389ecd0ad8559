import Testing

@testable import VSRMedia

@Suite struct SubtitleFlattenerTests {
    private typealias Event = SubtitleFlattener.Event

    private static func line(_ text: String, style: String = "Default") -> String {
        "0,0,\(style),,0,0,0,,\(text)"
    }

    private static func flat(_ events: [Event]) -> [Event] {
        var flattener = SubtitleFlattener()
        return events.flatMap { flattener.add($0) } + flattener.finish()
    }

    @Test func oneAfterTheOtherStayAsTheyAre() {
        let events = [
            Event(start: 0, end: 100, lines: [Self.line("a")]),
            Event(start: 100, end: 200, lines: [Self.line("b")]),
            Event(start: 500, end: 900, lines: [Self.line("c")]),
        ]
        #expect(Self.flat(events) == events)
    }

    @Test func equalStartsAreShownTogether() {
        let flat = Self.flat([
            Event(start: 100, end: 900, lines: [Self.line("a")]),
            Event(start: 100, end: 500, lines: [Self.line("b", style: "Top")]),
        ])
        #expect(
            flat == [
                Event(start: 100, end: 500, lines: [Self.line("a") + "\\N{\\rTop}b"]),
                Event(start: 500, end: 900, lines: [Self.line("a")]),
            ])
    }

    @Test func overlapsBecomePieces() {
        let flat = Self.flat([
            Event(start: 0, end: 300, lines: [Self.line("a")]),
            Event(start: 100, end: 200, lines: [Self.line("b")]),
            Event(start: 250, end: 400, lines: [Self.line("c")]),
        ])
        #expect(flat.map(\.start) == [0, 100, 200, 250, 300])
        #expect(flat.map(\.end) == [100, 200, 250, 300, 400])
        #expect(
            flat.map(\.lines) == [
                [Self.line("a")], [Self.line("a") + "\\N{\\rDefault}b"], [Self.line("a")],
                [Self.line("a") + "\\N{\\rDefault}c"], [Self.line("c")],
            ])
    }

    @Test func withoutAnEndTheNextOneEndsIt() {
        let flat = Self.flat([
            Event(start: 0, end: nil, lines: [Self.line("a")]),
            Event(start: 700, end: nil, lines: [Self.line("b")]),
        ])
        #expect(flat.map(\.end) == [700, 5700])
        #expect(Self.flat([Event(start: 5, end: 5, lines: [Self.line("a")])]).isEmpty)
    }
}
