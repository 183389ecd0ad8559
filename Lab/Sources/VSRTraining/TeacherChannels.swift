import Torch
import VSRCore
import VSRModel

/// The channels of a teacher's hidden states that a student's are compared with: all, or those that
/// a narrower student kept.
struct TeacherChannels {
    /// Channels by branch, `int64` vectors; none where the student has all of them.
    private let indices: [Blueprint.Branch: Tensor]

    /// - Throws: `shapeMismatch` where the networks' hidden states cannot be compared;
    ///   `corruptData` where the student's metadata are damaged.
    init(of teacher: Blueprint, for student: Model, device: Device) throws {
        let own = student.blueprint
        guard teacher.direction == own.direction, teacher.scale == own.scale else {
            throw Self.incomparable(teacher, own, "leave temporal.teacher out")
        }
        guard teacher.width != own.width else {
            indices = [:]
            return
        }
        guard let kept = try student.keptChannels() else {
            throw Self.incomparable(
                teacher, own,
                "prune the teacher again, by slimvsr prune --structure aligned, which notes the "
                    + "kept channels in the model's metadata, or leave temporal.teacher out")
        }
        guard kept.width == teacher.width else {
            throw Self.incomparable(
                teacher, own,
                "give the network of \(kept.width) channels that its prunings began with, or leave "
                    + "temporal.teacher out")
        }
        indices = try kept.indices.mapValues { try Tensor(indices: $0, device: device) }
    }

    /// The channels of the teacher's state `[B, C, H, W]`, in the student's order.
    func selected(from state: Tensor, _ branch: Blueprint.Branch) throws -> Tensor {
        guard let channels = indices[branch] else { return state }
        return try state.indexSelected(channels, along: 1)
    }

    private static func incomparable(
        _ teacher: Blueprint, _ student: Blueprint, _ remedy: String
    ) -> VSRError {
        VSRError(
            .shapeMismatch,
            "temporal.teacher is \(teacher.direction.rawValue), ×\(teacher.scale), "
                + "\(teacher.width) channels wide, while the model is "
                + "\(student.direction.rawValue), ×\(student.scale), \(student.width) wide: their "
                + "hidden states cannot be compared; \(remedy)")
    }
}
