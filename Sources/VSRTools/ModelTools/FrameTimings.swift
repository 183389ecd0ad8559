import Foundation
import VSRCore
import VSRModel

/// Milliseconds per frame that models were measured to take on this machine, kept in the user's
/// cache.
public struct FrameTimings: Sendable, Codable, Equatable {
    /// One measurement, and all that it depends on.
    public struct Record: Sendable, Codable, Equatable {
        public var model: String
        /// Of the weights: another model of the same name was not measured.
        public var fingerprint: String
        public var millisecondsPerFrame: Double
        public var frameSize: FrameSize
        public var threads: Int
        public var precision: String
        public var machine: Machine
        /// Of the program.
        public var version: String
        /// The day, as `2026-11-26`.
        public var date: String
    }

    public private(set) var records: [Record] = []

    public init() {}

    /// Where they are kept.
    public static var path: String {
        UserCache.folder.appendingPathComponent("timings.json").path
    }

    /// What is kept; nothing where that file is missing or was written by another version.
    public static func read(_ path: String = path) -> FrameTimings {
        guard let data = FileManager.default.contents(atPath: path) else { return FrameTimings() }
        return (try? JSONDecoder().decode(FrameTimings.self, from: data)) ?? FrameTimings()
    }

    /// - Throws: `io` naming the path.
    public func write(to path: String = path) throws { try JSONText.write(self, to: path) }

    /// Replaces what was known of the same weights on the same machine.
    public mutating func add(_ record: Record) {
        records.removeAll {
            $0.fingerprint == record.fingerprint && $0.machine == record.machine
        }
        records.append(record)
    }

    /// What weights take on `machine` with this version of the program; `nil` if not measured.
    public func record(
        of fingerprint: String, version: String, machine: Machine = .current
    ) -> Record? {
        records.first {
            $0.fingerprint == fingerprint && $0.machine == machine && $0.version == version
        }
    }

    /// Times a model, a few frames of the reference size by all threads, and keeps the result.
    ///
    /// - Throws: What timing and writing throw; `cancelled`.
    public mutating func measure(
        _ model: Model, name: String, version: String, progress: ProgressHandler? = nil,
        cancellation: Cancellation? = nil
    ) throws {
        var benchmark = Benchmark()
        benchmark.timesLayers = false
        let outcome = try benchmark.run(
            model, name: name, progress: progress, cancellation: cancellation)
        add(
            Record(
                model: name, fingerprint: model.fingerprint,
                millisecondsPerFrame: outcome.milliseconds.median, frameSize: outcome.frameSize,
                threads: outcome.threads, precision: outcome.precision, machine: outcome.machine,
                version: version, date: Self.today))
        try write()
    }

    private static var today: String {
        let formatter = ISO8601DateFormatter()
        formatter.formatOptions = [.withFullDate]
        return formatter.string(from: Date())
    }
}
