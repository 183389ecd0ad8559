import Foundation
import VSRCore

/// The log of a training run: one JSON object per line, each with its iteration.
public struct TrainingLogFile: Sendable {
    /// The file's name in the run's folder.
    public static let name = "log.jsonl"

    /// What lines are read for; they hold more.
    public struct Entry: Sendable, Decodable, Equatable {
        /// Updates done.
        public var iteration: Int
        /// `nil` in lines about a validation, as all that follows but ``validation``.
        public var iterationsPerSecond: Double?
        /// Share of the time spent waiting for data.
        public var dataWaitShare: Double?
        /// The stage's own figures.
        public var figures: [String: Double]?
        /// PSNR of the network on the validation clips, in lines about that.
        public var validation: Validation?

        private enum CodingKeys: String, CodingKey {
            case iteration, iterationsPerSecond, dataWaitShare, figures, validation
        }

        /// Reads what it knows; members of another kind, as later versions may write, are none.
        public init(from decoder: any Decoder) throws {
            let members = try decoder.container(keyedBy: CodingKeys.self)
            iteration = try members.decode(Int.self, forKey: .iteration)
            iterationsPerSecond = try? members.decode(Double.self, forKey: .iterationsPerSecond)
            dataWaitShare = try? members.decode(Double.self, forKey: .dataWaitShare)
            figures = try? members.decode([String: Double].self, forKey: .figures)
            validation = try? members.decode(Validation.self, forKey: .validation)
        }
    }

    /// What a line about a validation says first of all.
    public struct Validation: Sendable, Decodable, Equatable {
        /// In dB; infinite where all frames equal the true ones.
        public var psnr: Double
    }

    /// A line without its break, and what it says; `nil` where it is no entry, as a killed run leaves.
    public struct Line: Sendable {
        public var text: Data
        public var entry: Entry?
        /// Seconds of the iterations since the line before, 0 where the line does not say how fast
        /// they were.
        public var seconds = 0.0
    }

    public let lines: [Line]

    public var entries: [Entry] { lines.compactMap(\.entry) }

    /// Number of lines that are no entries.
    public var unreadLines: Int { lines.count { $0.entry == nil } }

    /// - Throws: `notFound` naming the file.
    public init(path: String) throws {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw VSRError(.notFound, "there is no training log \(path) that can be read")
        }
        self.init(data)
    }

    public init(_ data: Data) {
        var before = 0
        lines = data.split(separator: UInt8(ascii: "\n")).map { text in
            var line = Line(text: Data(text))
            line.entry = try? JSONText.decode(
                Entry.self, from: line.text, in: Self.name, as: "entry")
            if let entry = line.entry, let rate = entry.iterationsPerSecond {
                if rate > 0 { line.seconds = Double(entry.iteration - before) / rate }
                before = entry.iteration
            }
            return line
        }
    }

    /// Seconds of training: every iteration counts once, however often the run was interrupted.
    public var seconds: Double { lines.reduce(0) { $0 + $1.seconds } }
}
