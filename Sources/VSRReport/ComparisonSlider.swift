/// Two of several pictures under a line that can be dragged, or moved with the arrow keys.
struct ComparisonSlider {
    let comparison: Report.ImageComparison

    func html() -> String {
        let last = comparison.images.count - 1
        return """
            <section class="comparison">
            <h2>\(Markup.escaped(comparison.title))</h2>
            <div class="chooser">\(choice("left", selected: 0))\(choice("right", selected: last))\
            </div>
            <div class="frame">
            \(comparison.images.enumerated().map(image).joined(separator: "\n"))
            <input type="range" min="0" max="100" step="0.1" value="50" \
            aria-label="Where the two pictures meet"/>
            <div class="handle"></div>
            </div>
            </section>
            """
    }

    private func choice(_ side: String, selected: Int) -> String {
        let options = comparison.images.enumerated().map { index, image in
            let mark = index == selected ? " selected=\"selected\"" : ""
            return "<option value=\"\(index)\"\(mark)>\(Markup.escaped(image.name))</option>"
        }
        return "<select class=\"\(side)\" aria-label=\"Picture on the \(side)\">"
            + "\(options.joined())</select>"
    }

    private func image(_ index: Int, _ image: Report.NamedImage) -> String {
        let name = Markup.escaped(image.name)
        let source =
            "data:\(Markup.escaped(image.mediaType));base64,\(image.data.base64EncodedString())"
        return "<img alt=\"\(name)\" src=\"\(source)\"/>"
    }
}
