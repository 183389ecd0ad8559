import Foundation
import VSRCore
import VSRImaging
import VSRModel

/// What the cells of a study gave: `results.json` in its folder, written by `slimvsr-lab experiment`
/// and read by `slimvsr report`.
public struct StudyResults: Sendable, Codable, Equatable {
    public var title: String
    /// The study's settings, YAML.
    public var settings: String
    /// The architectures of the networks that were pruned, by name.
    public var parents: [String: Blueprint]
    public var cells: [Cell]

    public init(title: String, settings: String, parents: [String: Blueprint], cells: [Cell]) {
        self.title = title
        self.settings = settings
        self.parents = parents
        self.cells = cells
    }

    /// One network made by one method, with its costs and its quality.
    public struct Cell: Sendable, Codable, Equatable {
        /// Unique within the study: `basicvsr-vimeo-bi/ssl/92.1G/1`.
        public var name: String
        /// The hash of everything that the cell depends on.
        public var key: String
        /// The network that it was made from.
        public var parent: String
        public var method: String
        /// What the method does, in a few words.
        public var note: String
        /// What was asked for: `92.1G`; `nil` for methods that do not prune.
        public var target: String?
        public var seed: UInt64
        /// Multiply-accumulates per frame of `frameSize`, and parameters; `nil` for bicubic.
        public var costs: CellCosts?
        /// Iterations of regularization and of finetuning.
        public var regularizationIterations: Int
        public var finetuningIterations: Int
        /// Seconds of all that made the network, steps shared with other cells included.
        public var seconds: Double
        public var quality: [Quality]
        /// Milliseconds per frame, where they were measured.
        public var time: Time?
        /// The network's file, relative to the study's folder.
        public var model: String?
        /// Folders of the steps that made it, relative to the study's folder.
        public var steps: [String]

        public init(
            name: String, key: String, parent: String, method: String, note: String,
            target: String?, seed: UInt64
        ) {
            self.name = name
            self.key = key
            self.parent = parent
            self.method = method
            self.note = note
            self.target = target
            self.seed = seed
            regularizationIterations = 0
            finetuningIterations = 0
            seconds = 0
            quality = []
            steps = []
        }
    }

    /// Costs without and with the flow network.
    public struct CellCosts: Sendable, Codable, Equatable {
        public var frameSize: String
        public var macs: Int
        public var macsWithFlow: Int
        public var parameters: Int
        public var parametersWithFlow: Int

        public init(_ costs: Costs) {
            frameSize = costs.frameSize.description
            macs = costs.macs
            macsWithFlow = costs.macsWithFlow
            parameters = costs.parameters
            parametersWithFlow = costs.parametersWithFlow
        }
    }

    /// PSNR in dB and SSIM on one data set.
    public struct Quality: Sendable, Codable, Equatable {
        public var dataSet: String
        public var degradation: String
        /// How figures were taken, in words.
        public var conventions: String
        public var frameCount: Int
        public var mean: QualityFigures
        public var clips: [ClipMetrics.Clip]

        public init(dataSet: String, _ outcome: Evaluation.Outcome) {
            self.dataSet = dataSet
            degradation = outcome.degradation.rawValue
            conventions = outcome.conventionsText
            frameCount = outcome.frameCount
            mean = outcome.mean
            clips = outcome.clips
        }
    }

    public struct Time: Sendable, Codable, Equatable {
        public var frameSize: String
        public var threads: Int
        public var milliseconds: Spread
        public var machine: Machine

        public init(_ outcome: Benchmark.Outcome) {
            frameSize = outcome.frameSize.description
            threads = outcome.threads
            milliseconds = outcome.milliseconds
            machine = outcome.machine
        }
    }

    /// The file's name within a study's folder.
    public static let fileName = "results.json"

    /// Reads a study's results.
    ///
    /// - Parameter study: The study's folder, or its `results.json`.
    /// - Throws: `io`, or `corruptData` naming what is wrong.
    public static func read(_ study: String) throws -> StudyResults {
        var isFolder: ObjCBool = false
        _ = FileManager.default.fileExists(atPath: study, isDirectory: &isFolder)
        let path = isFolder.boolValue ? "\(study)/\(fileName)" : study
        return try JSONText.read(from: path, as: "results of a study")
    }

    /// A row a cell, for spreadsheets and data frames (RFC 4180).
    public var csv: String {
        let sets = Array(Set(cells.flatMap { $0.quality.map(\.dataSet) })).sorted()
        var header = [
            "name", "parent", "method", "target", "seed", "macs", "macs_with_flow", "parameters",
            "parameters_with_flow", "regularization_iterations", "finetuning_iterations", "seconds",
            "milliseconds_per_frame",
        ]
        for set in sets { header += ["psnr_\(set)", "ssim_\(set)"] }
        let rows = cells.map { cell in
            func number(_ value: (some CustomStringConvertible)?) -> String {
                value.map(\.description) ?? ""
            }
            var row = [
                cell.name, cell.parent, cell.method, cell.target ?? "", "\(cell.seed)",
                number(cell.costs?.macs), number(cell.costs?.macsWithFlow),
                number(cell.costs?.parameters), number(cell.costs?.parametersWithFlow),
                "\(cell.regularizationIterations)", "\(cell.finetuningIterations)",
                String(format: "%.0f", cell.seconds), number(cell.time?.milliseconds.median),
            ]
            for set in sets {
                let figures = cell.quality.first { $0.dataSet == set }?.mean
                row += [number(figures?.psnr), number(figures?.ssim)]
            }
            return row
        }
        return ([header] + rows).map { $0.map(Self.quoted).joined(separator: ",") + "\r\n" }
            .joined()
    }

    private static func quoted(_ text: String) -> String {
        text.contains { ",\"\r\n".contains($0) }
            ? "\"\(text.replacingOccurrences(of: "\"", with: "\"\""))\"" : text
    }
}
