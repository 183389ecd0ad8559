import VSRReport

// The paper's Tab. 1 to 3.
extension StudyReport {
    private func qualityCells(_ group: StudyGroup) -> [Report.Table.Cell] {
        dataSets.flatMap { set in
            let psnr = group.values(set, \.psnr)?.text(2)
            let ssim = group.values(set, \.ssim)?.text(4)
            return [
                psnr.map { Report.Table.Cell($0.mean, $0.deviation) } ?? .none,
                ssim.map { Report.Table.Cell($0.mean, $0.deviation) } ?? .none,
            ]
        }
    }

    private var qualityColumns: [Report.Table.Column] {
        dataSets.flatMap { [.init("PSNR", "dB, \($0)"), .init("SSIM", $0)] }
    }

    var mainTable: Report.Table {
        let rows = groups.map { group in
            let cell = group.first
            let seeds = group.cells.count > 1 ? ", \(group.cells.count) seeds" : ""
            let iterations = cell.regularizationIterations + cell.finetuningIterations
            let time = cell.time?.milliseconds
            return Report.Table.Row(
                name: [cell.method, cell.target].compactMap { $0 }.joined(separator: ", "),
                note: "\(cell.parent): \(cell.note)\(seeds)",
                cells: [
                    giga(cell.costs?.macs), giga(cell.costs?.macsWithFlow),
                    mega(cell.costs?.parameters),
                    time.map {
                        .init(
                            TextTable.decimal($0.median, 0),
                            "\(TextTable.decimal($0.lowerQuartile, 0))–"
                                + TextTable.decimal($0.upperQuartile, 0))
                    } ?? .none,
                    iterations == 0
                        ? .none
                        : .init("\(iterations)", TextTable.decimal(cell.seconds / 60, 0) + " min"),
                ] + qualityCells(group), isEmphasized: group.name == best?.name)
        }
        return Report.Table(
            title: "All networks (the paper's Tab. 1)",
            explanation: "Rows in italics are printed in the paper, for training on far more data "
                + "and for far longer; the others were made here. GMAC and parameters leave out the "
                + "flow network unless it says so. ± is the standard deviation over seeds.",
            nameLabel: "Method",
            columns: [
                .init("GMAC"), .init("GMAC", "with flow"), .init("Parameters", "millions"),
                .init("Time", "ms per frame"), .init("Training", "iterations"),
            ] + qualityColumns,
            rows: rows + publishedRows)
    }

    private var publishedRows: [Report.Table.Row] {
        let parents = groups.compactMap { results.parents[$0.first.parent] }
        let networks =
            (parents.contains(where: \.needsFutureFrames) ? PublishedResults.bidirectional : [])
            + (parents.contains { !$0.needsFutureFrames } ? PublishedResults.unidirectional : [])
        return networks.map { network in
            Report.Table.Row(
                name: network.name, note: "published",
                cells: [
                    .init(TextTable.decimal(network.gigaMACs, 1)), .none,
                    .init(TextTable.decimal(network.megaParameters, 1)), .none, .none,
                ]
                    + dataSets.flatMap { set -> [Report.Table.Cell] in
                        let isBlurred = results.cells.contains { cell in
                            cell.quality.contains {
                                $0.dataSet == set && $0.degradation != "BI"
                            }
                        }
                        let known = PublishedResults.bidirectional[0].figures.keys.first {
                            $0.lowercased() == set.lowercased() + (isBlurred ? " bd" : "")
                        }
                        guard let figures = known.flatMap({ network.figures[$0] }) else {
                            return [.none, .none]
                        }
                        return [
                            .init(TextTable.decimal(figures.psnr, 2)),
                            .init(TextTable.decimal(figures.ssim, 4)),
                        ]
                    },
                isPublished: true)
        }
    }

    private func giga(_ macs: Int?) -> Report.Table.Cell {
        macs.map { .init(TextTable.decimal(Double($0) / 1e9, 2)) } ?? .none
    }

    private func mega(_ count: Int?) -> Report.Table.Cell {
        count.map { .init(TextTable.decimal(Double($0) / 1e6, 3)) } ?? .none
    }

    /// The parts of the method, one after another, at the first target that has them.
    var ablation: Report.Table? {
        let parts: [(method: String, marks: [Bool])] = [
            ("assl", [false, true, false]), ("ssl1", [false, true, true]),
            ("ssl2", [true, false, false]), ("ssl3", [true, true, false]),
            ("ssl", [true, true, true]),
        ]
        let found = parts.compactMap { part in
            pruned.first { $0.first.method == part.method }.map { ($0, part.marks) }
        }
        guard found.count > 2 else { return nil }
        return Report.Table(
            title: "What each part brings (the paper's Tab. 2)",
            explanation: "RSC: blocks keep all channels of the hidden state and choose which they "
                + "compute. PS: whole groups of pixel-shuffle are pruned. TF: hidden states are "
                + "held to the dense network's while finetuning.\(undecided(found.map(\.0)))",
            nameLabel: "Method",
            columns: [.init("RSC"), .init("PS"), .init("TF")] + qualityColumns,
            rows: found.map { group, marks in
                Report.Table.Row(
                    name: group.first.method, note: group.first.target ?? "",
                    cells: marks.map { .init($0 ? "✓" : "") } + qualityCells(group))
            })
    }

    /// Which units go, by which rule.
    var criteria: Report.Table? {
        let rules: [(method: String, name: String)] = [
            ("ssl", "smallest of all"), ("ssl-min-local", "smallest of each layer"),
            ("ssl-max-global", "largest of all"), ("ssl-max-local", "largest of each layer"),
            ("ssl-random", "random"), ("ssl-taylor", "least change of the loss (Taylor)"),
        ]
        let found = rules.flatMap { rule in
            pruned.filter { $0.first.method == rule.method }.map { ($0, rule.name) }
        }
        guard Set(found.map(\.1)).count > 1 else { return nil }
        return Report.Table(
            title: "Which units are removed (the paper's Tab. 3)",
            explanation:
                "Units are ranked by the mean size of their weights, or by how much the loss is "
                + "expected to change without them.\(undecided(found.map(\.0)))",
            nameLabel: "Removed", columns: qualityColumns,
            rows: found.map { group, name in
                Report.Table.Row(
                    name: name, note: group.first.target ?? "", cells: qualityCells(group))
            })
    }

    /// Pairs of neighbors that the seeds do not tell apart, as a sentence.
    private func undecided(_ groups: [StudyGroup]) -> String {
        guard let set = mainSet else { return "" }
        let figures = groups.compactMap { group in
            group.values(set, \.psnr).map { (group.first.method, $0) }
        }
        if figures.contains(where: { $0.1.deviation == nil }) {
            return " One seed: differences below a tenth of a decibel decide nothing."
        }
        let ordered = figures.sorted { $0.1.mean > $1.1.mean }
        let close = zip(ordered, ordered.dropFirst()).filter { a, b in
            let spread = (a.1.deviation ?? 0) + (b.1.deviation ?? 0)
            return a.1.mean - b.1.mean <= spread
        }
        return close.isEmpty
            ? ""
            : " Undecided, since seeds differ by more: "
                + close.map { "\($0.0.0) and \($0.1.0)" }.joined(separator: ", ") + "."
    }
}
