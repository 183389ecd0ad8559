import Torch

/// The training losses.
enum Losses {
    /// ε² of the Charbonnier loss.
    ///
    /// Source: BasicSR, whose ε stands inside the root as 1e-12.
    static let epsilonSquared = 1e-12

    /// `mean(sqrt(d² + ε²))`, a scalar.
    static func charbonnier(_ a: Tensor, _ b: Tensor) throws -> Tensor {
        let squares = try (a - b).square()
        return try (squares + epsilonSquared).sqrt().mean()
    }

    /// `mean (a − b)²`, a scalar.
    static func meanSquaredDifference(_ a: Tensor, _ b: Tensor) throws -> Tensor {
        try (a - b).square().mean()
    }

    /// `mean |a − b|`, a scalar.
    static func meanAbsoluteDifference(_ a: Tensor, _ b: Tensor) throws -> Tensor {
        try (a - b).abs().mean()
    }
}
