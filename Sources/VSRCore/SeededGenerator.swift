/// SplitMix64: small, fast, and the same numbers everywhere for the same seed.
///
/// Its whole state is one integer, so that a checkpoint can hold it.
///
/// Source: Steele, Lea, Flood: "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014.
public struct SeededGenerator: RandomNumberGenerator, Sendable, Codable, Equatable {
    public private(set) var state: UInt64

    public init(seed: UInt64) { state = seed }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// A generator whose numbers are unrelated to this one's, for item `index` of a sequence.
    ///
    /// The same seed and index give the same generator, in whatever order items are made.
    public func fork(_ index: UInt64) -> SeededGenerator {
        var mixer = SeededGenerator(seed: state ^ (index &* 0xD6E8_FEB8_6659_FD93))
        return SeededGenerator(seed: mixer.next())
    }

    /// A float uniform in `0..<1` with 24 random bits.
    public mutating func uniform() -> Float {
        Float(next() >> 40) * (1 / Float(1 << 24))
    }

    /// An integer uniform in `0..<bound`.
    public mutating func integer(below bound: Int) -> Int {
        precondition(bound > 0, "an empty range has no integers")
        return Int(next() % UInt64(bound))
    }
}
