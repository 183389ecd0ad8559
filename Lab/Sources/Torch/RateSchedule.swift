import Foundation

/// How a learning rate goes over a run: a pure function of the iteration.
public enum RateSchedule: Sendable, Codable, Equatable {
    case constant
    /// Half a cosine from the initial rate at iteration 0 down to `final` at `iterations`, where it
    /// stays: PyTorch's `CosineAnnealingLR` with `T_max = iterations`, `eta_min = final`.
    case cosine(final: Double, iterations: Int)

    /// The rate of step `iteration`, counted from 0, of a group whose rate starts at `initial`.
    public func rate(initial: Double, iteration: Int) -> Double {
        switch self {
        case .constant:
            return initial
        case .cosine(let final, let iterations):
            guard iterations > 0 else { return final }
            let progress = Double(min(max(iteration, 0), iterations)) / Double(iterations)
            return final + (initial - final) * (1 + cos(.pi * progress)) / 2
        }
    }
}
