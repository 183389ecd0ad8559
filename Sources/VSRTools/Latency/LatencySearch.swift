import Foundation
import VSRCore
import VSRModel
import VSRPruning

/// Finds the target at which a pruned network takes a given time per frame on this machine.
///
/// A candidate is chosen by the measured ``LatencyModel``, then timed itself; the model is
/// corrected by that until candidate and wish agree within ``tolerance``.
public struct LatencySearch: Sendable {
    /// Milliseconds per frame that are asked for.
    public var milliseconds: Double
    public var measurement = LatencyMeasurement()
    /// The relative difference that is good enough.
    public var tolerance = 0.02
    /// Candidates that are timed at most.
    public var attempts = 4

    public init(milliseconds: Double) { self.milliseconds = milliseconds }

    /// The same with the frame size and the threads that settings name.
    init(milliseconds: Double, _ settings: PruningSettings) {
        self.init(milliseconds: milliseconds)
        measurement.frameSize = settings.options.frameSize
        measurement.threads = settings.threads == 0 ? nil : settings.threads
    }

    /// What was found.
    public struct Outcome: Sendable {
        /// What to prune to.
        public var target: PruningTarget
        /// What the network that it leads to took, in milliseconds per frame.
        public var measured: Double
        /// Milliseconds of the network before.
        public var before: Double
        /// Of them, what pruning cannot change.
        public var fixed: Double
        public var frameSize: FrameSize
        public var threads: Int
        /// Share of the time that this process was ready to compute but waited for other programs;
        /// `nil` where the system does not tell.
        public var waited: Double?

        /// A line for a terminal.
        public var text: String {
            String(
                format: "%.1f → %.1f ms per frame (%@, %d thread%@, fp32; %.1f ms are not "
                    + "prunable)", before, measured, frameSize.description, threads,
                threads == 1 ? "" : "s", fixed)
        }

        /// What is to be known about the times, a sentence each.
        public var remarks: [String] {
            guard let waited, waited > 0.05 else { return [] }
            return [
                String(
                    format: "other programs kept the processor busy for %.0f %% of the time, so "
                        + "that times are too long and the network too small: try again when they "
                        + "are done", waited * 100)
            ]
        }
    }

    /// - Parameter candidate: The architecture that pruning to a target leads to.
    /// - Throws: `invalidArgument` where the time is below what cannot be pruned, what `candidate`
    ///   throws, `cancelled`.
    public func outcome(
        of blueprint: Blueprint, candidate: (PruningTarget) throws -> Blueprint
    ) throws -> Outcome {
        let contention = Contention()
        var result = try outcome(
            of: blueprint, by: try measurement.model(of: blueprint),
            time: measurement.milliseconds, candidate: candidate)
        result.waited = contention.share
        return result
    }

    /// The same with a given model, and `time` for what a network takes.
    func outcome(
        of blueprint: Blueprint, by model: LatencyModel, time: (Blueprint) throws -> Double,
        candidate: (PruningTarget) throws -> Blueprint
    ) throws -> Outcome {
        let before = try time(blueprint)
        var model = model.corrected(blueprint, took: before)
        guard milliseconds > model.fixed else { throw tooFew(model.fixed) }
        func outcome(_ measured: Double) -> Outcome {
            Outcome(
                target: .milliseconds(milliseconds, model), measured: measured, before: before,
                fixed: model.fixed, frameSize: measurement.frameSize, threads: threads)
        }
        guard before > milliseconds else { return outcome(before) }
        var best: Outcome?
        for _ in 0..<attempts {
            let smaller = try candidate(.milliseconds(milliseconds, model))
            let found = outcome(try time(smaller))
            if best.map({ error(found) < error($0) }) ?? true { best = found }
            if error(found) <= tolerance { break }
            model = model.corrected(smaller, took: found.measured)
        }
        return best ?? outcome(before)
    }

    private var threads: Int {
        measurement.threads ?? ProcessInfo.processInfo.activeProcessorCount
    }

    private func error(_ outcome: Outcome) -> Double {
        abs(outcome.measured / milliseconds - 1)
    }

    private func tooFew(_ fixed: Double) -> VSRError {
        let text = String(
            format: "%.1f ms are too few: flow, warping, fusion and the first convolutions, which "
                + "pruning leaves as they are, take %.1f ms for a frame of %@ on %d thread%@; ask "
                + "for more, or for a smaller size",
            milliseconds, fixed, measurement.frameSize.description, threads,
            threads == 1 ? "" : "s")
        return VSRError(.invalidArgument, text)
    }
}
