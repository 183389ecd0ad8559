import VSRCore

/// Position, turn and size of a camera or an object over time: steady motion with a sway.
struct ScenePath: Sendable {
    /// Pose at one instant.
    struct Pose {
        var x: Double
        var y: Double
        /// Revolutions, clockwise.
        var turns: Double
        var scale: Double
    }

    private let start: Pose
    /// Change per frame.
    private let speed: Pose
    /// Reach of the sway.
    private let sway: Pose
    /// Revolutions of the sway per frame, and at frame 0.
    private let frequency: Double
    private let phase: Double

    /// - Parameters:
    ///   - start: Pose at frame 0.
    ///   - pace: Pixels per frame of a fast motion.
    ///   - liveliness: Scale of all changes.
    init(start: Pose, pace: Double, liveliness: Double, _ generator: inout SeededGenerator) {
        self.start = start
        let direction = generator.uniform(0, 1)
        // Squaring makes slow motions frequent and fast ones rare.
        let share = generator.uniform(0, 1)
        let velocity = liveliness * pace * share * share
        let still = generator.chance(0.4)
        speed = Pose(
            x: velocity * PortableMath.cosine(turns: direction),
            y: velocity * PortableMath.sine(turns: direction),
            turns: still ? 0 : liveliness * generator.uniform(-0.002, 0.002),
            scale: still ? 0 : liveliness * generator.uniform(-0.004, 0.004))
        sway = Pose(
            x: liveliness * generator.uniform(0, 3), y: liveliness * generator.uniform(0, 3),
            turns: liveliness * generator.uniform(0, 0.004),
            scale: liveliness * generator.uniform(0, 0.02))
        frequency = generator.uniform(0.01, 0.06)
        phase = generator.uniform(0, 1)
    }

    func pose(at frame: Int) -> Pose {
        let time = Double(frame)
        let wave = PortableMath.sine(turns: phase + frequency * time)
        let other = PortableMath.cosine(turns: phase + 1.3 * frequency * time)
        return Pose(
            x: start.x + speed.x * time + sway.x * wave,
            y: start.y + speed.y * time + sway.y * other,
            turns: start.turns + speed.turns * time + sway.turns * other,
            // Long clips must neither vanish nor leave the texture's resolution far behind.
            scale: start.scale * max(0.7, min(1.4, 1 + speed.scale * time + sway.scale * wave)))
    }
}
