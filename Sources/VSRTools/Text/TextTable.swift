import Foundation

/// A table for a terminal: the first columns flush left, the others flush right.
public struct TextTable {
    private var rows: [[String]]
    private let leftColumns: Int

    /// - Parameter leftColumns: Those flush left.
    public init(_ header: [String], leftColumns: Int = 1) {
        rows = [header]
        self.leftColumns = leftColumns
    }

    public mutating func add(_ row: [String]) { rows.append(row) }

    /// A line across the table.
    public mutating func addRule() { rows.append([]) }

    /// The table's lines, columns two blanks apart.
    ///
    /// - Parameter columns: The longest line allowed; longer first cells are cut in the middle.
    public func lines(columns: Int = 100) -> [String] {
        let count = rows.map(\.count).max() ?? 0
        var widths = (0..<count).map { column in
            rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        let others = widths.dropFirst().reduce(0) { $0 + $1 + 2 }
        if !widths.isEmpty { widths[0] = min(widths[0], max(8, columns - others)) }
        let total = max(0, widths.reduce(0, +) + 2 * (count - 1))
        return rows.map { row in
            guard !row.isEmpty else { return String(repeating: "─", count: total) }
            var line = Self.padded(Self.shortened(row[0], to: widths[0]), to: widths[0])
            for (index, (cell, width)) in zip(row, widths).enumerated().dropFirst() {
                let blanks = String(repeating: " ", count: max(0, width - cell.count))
                line += "  " + (index < leftColumns ? cell + blanks : blanks + cell)
            }
            while line.last == " " { line.removeLast() }
            return line
        }
    }

    public static func decimal(_ value: Double, _ digits: Int) -> String {
        String(format: "%.\(digits)f", value)
    }

    private static func padded(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    private static func shortened(_ text: String, to width: Int) -> String {
        guard text.count > width, width >= 3 else { return text }
        let kept = width - 1
        return text.prefix(kept / 2) + "…" + text.suffix(kept - kept / 2)
    }
}
