import VSRCore

/// The noise on one low-resolution frame of a training sample that stands still: Gaussian, fresh in
/// each frame, rounded to 8 bits as the frame is.
///
/// It is a function of the sample and the frame's number alone, in whatever order frames are made.
struct StillNoise {
    /// In 8-bit levels.
    static let deviation = 1.5

    private let generator: SeededGenerator

    /// `nil` for samples in motion.
    ///
    /// - Parameter time: The frame's number, those before the sample counted.
    init?(of sample: TrainingSample, at time: Int) {
        guard let seed = sample.noiseSeed else { return nil }
        generator = SeededGenerator(seed: seed).fork(UInt64(time))
    }

    /// Calls `body` for `count` levels, each with its noise in levels.
    func forEach(_ count: Int, _ body: (_ index: Int, _ noise: Double) -> Void) {
        var generator = generator
        for index in stride(from: 0, to: count, by: 2) {
            let pair = generator.normalPair()
            body(index, Self.deviation * pair.0)
            if index + 1 < count { body(index + 1, Self.deviation * pair.1) }
        }
    }

    static func noisy(_ level: UInt8, _ noise: Double) -> UInt8 {
        UInt8(min(max((Double(level) + noise).rounded(), 0), 255))
    }
}
