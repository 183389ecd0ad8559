import Foundation
import VSRCore

/// The numbers in the names of a sequence's pictures.
struct SequenceNumbers {
    private let numbers: [(number: Int, name: String)]

    /// - Parameter names: In natural order.
    init(_ names: [String]) {
        let parsed = names.map { name in Self.parse((name as NSString).deletingPathExtension) }
        let prefixes = Set(parsed.map { $0?.prefix })
        // Names of several kinds are no one sequence.
        guard prefixes.count == 1, prefixes.first != .some(nil) else {
            numbers = []
            return
        }
        numbers = zip(parsed, names).compactMap { part, name in part.map { ($0.number, name) } }
    }

    /// The last run of digits of a name and all around it.
    private static func parse(_ stem: String) -> (prefix: [String], number: Int)? {
        guard let end = stem.lastIndex(where: { ("0"..."9").contains($0) }) else { return nil }
        let head = stem[...end]
        let start = head.lastIndex { !("0"..."9").contains($0) }.map { head.index(after: $0) }
        let digits = head[(start ?? head.startIndex)...]
        guard let number = Int(digits) else { return nil }
        return (
            [String(head.dropLast(digits.count)), String(stem[stem.index(after: end)...])], number
        )
    }

    /// Says which numbers are missing, or come twice; `nil` if none.
    ///
    /// Sequences that count in larger steps (0, 10, 20) are not called gaps.
    var gapText: String? {
        let pairs = zip(numbers, numbers.dropFirst())
        if let twice = pairs.first(where: { $0.number == $1.number }) {
            return "\(twice.0.name) and \(twice.1.name) have one number: both are taken, one after "
                + "the other"
        }
        let steps = pairs.map { $1.number - $0.number }
        guard let step = steps.min(), step > 0 else { return nil }
        let gaps = pairs.filter { $1.number - $0.number > step }
        guard let first = gaps.first else { return nil }
        let missing = (first.1.number - first.0.number) / step - 1
        let others = gaps.count > 1 ? ", and \((gaps.count - 1).counted("other gap"))" : ""
        return "\(max(missing, 1).counted("picture")) missing between \(first.0.name) and "
            + "\(first.1.name)\(others): the frames are taken as if they followed each other"
    }
}
