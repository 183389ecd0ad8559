extension Report {
    /// A table of texts: names flush left, all else flush right.
    public struct Table: Sendable, Codable, Equatable {
        public var title: String
        /// What it shows and how to read it.
        public var explanation: String
        /// The head of the first column, which holds the rows' names.
        public var nameLabel: String
        public var columns: [Column]
        public var rows: [Row]

        public init(
            title: String, explanation: String = "", nameLabel: String, columns: [Column],
            rows: [Row]
        ) {
            self.title = title
            self.explanation = explanation
            self.nameLabel = nameLabel
            self.columns = columns
            self.rows = rows
        }

        public struct Column: Sendable, Codable, Equatable {
            public var name: String
            /// The unit or another word below the name.
            public var unit: String

            public init(_ name: String, _ unit: String = "") {
                self.name = name
                self.unit = unit
            }
        }

        /// One line; cells beyond the columns are not shown, missing ones are a dash.
        public struct Row: Sendable, Codable, Equatable {
            public var name: String
            /// A few words below the name.
            public var note: String
            public var cells: [Cell]
            public var isEmphasized: Bool
            /// Whether figures are others', as published.
            public var isPublished: Bool

            public init(
                name: String, note: String = "", cells: [Cell], isEmphasized: Bool = false,
                isPublished: Bool = false
            ) {
                self.name = name
                self.note = note
                self.cells = cells
                self.isEmphasized = isEmphasized
                self.isPublished = isPublished
            }
        }

        /// A figure, and a smaller one below it.
        public struct Cell: Sendable, Codable, Equatable {
            public var text: String
            public var detail: String

            public init(_ text: String, _ detail: String = "") {
                self.text = text
                self.detail = detail
            }

            /// What was not measured.
            public static let none = Cell("–")
        }
    }
}

extension Report.Table {
    /// A `<section>` with the table, which scrolls sideways where the screen is narrow.
    func html() -> String {
        let heads = columns.map {
            "<th>\(Markup.escaped($0.name))\(Self.span($0.unit))</th>"
        }
        let explanation =
            explanation.isEmpty ? "" : "<p class=\"note\">\(Markup.escaped(explanation))</p>"
        return """
            <section><h2>\(Markup.escaped(title))</h2>
            \(explanation)
            <div class="scroll"><table>
            <thead><tr><th>\(Markup.escaped(nameLabel))</th>\(heads.joined())</tr></thead>
            <tbody>
            \(rows.map(html).joined(separator: "\n"))
            </tbody>
            </table></div></section>
            """
    }

    private func html(_ row: Row) -> String {
        let cells = columns.indices.map { index in
            let cell = row.cells.indices.contains(index) ? row.cells[index] : Cell.none
            return "<td>\(Markup.escaped(cell.text))\(Self.span(cell.detail))</td>"
        }
        let classes =
            (row.isEmphasized ? ["emphasis"] : []) + (row.isPublished ? ["published"] : [])
        let style = classes.isEmpty ? "" : " class=\"\(classes.joined(separator: " "))\""
        return
            "<tr\(style)><th scope=\"row\">\(Markup.escaped(row.name))\(Self.span(row.note))</th>"
            + cells.joined() + "</tr>"
    }

    private static func span(_ text: String) -> String {
        text.isEmpty ? "" : "<span>\(Markup.escaped(text))</span>"
    }
}
