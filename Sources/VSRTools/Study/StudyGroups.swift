import Foundation
import VSRImaging

/// Cells of a study that differ by seed only: one row of a table.
struct StudyGroup {
    let cells: [StudyResults.Cell]

    var first: StudyResults.Cell { cells[0] }
    /// What makes the group unique, seed apart.
    var name: String {
        [first.parent, first.method, first.target].compactMap { $0 }.joined(separator: "/")
    }

    /// Groups in the order of their first cells.
    static func all(of cells: [StudyResults.Cell]) -> [StudyGroup] {
        var order: [String] = []
        var groups: [String: [StudyResults.Cell]] = [:]
        for cell in cells {
            let key = StudyGroup(cells: [cell]).name
            if groups[key] == nil { order.append(key) }
            groups[key, default: []].append(cell)
        }
        return order.compactMap { groups[$0].map(StudyGroup.init) }
    }

    /// PSNR or SSIM on a data set, one value for each seed.
    func values(
        _ set: String, _ figure: KeyPath<QualityFigures, Double>
    ) -> SeedFigures? {
        SeedFigures(
            cells.compactMap { cell in
                cell.quality.first { $0.dataSet == set }?.mean[keyPath: figure]
            })
    }
}

/// A figure of several seeds.
struct SeedFigures {
    let values: [Double]

    init?(_ values: [Double]) {
        guard !values.isEmpty, values.allSatisfy(\.isFinite) else { return nil }
        self.values = values
    }

    var mean: Double { values.reduce(0, +) / Double(values.count) }

    /// The standard deviation of one value, by `count − 1`; `nil` for a single seed.
    var deviation: Double? {
        guard values.count > 1 else { return nil }
        let mean = mean
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return (squares / Double(values.count - 1)).squareRoot()
    }

    /// `26.41 ± 0.03` or `26.41`.
    func text(_ digits: Int) -> (mean: String, deviation: String) {
        (
            TextTable.decimal(mean, digits),
            deviation.map { "± \(TextTable.decimal($0, digits))" } ?? ""
        )
    }
}
