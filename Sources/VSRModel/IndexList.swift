import VSRCore

/// Ascending indices written compactly: `0-3,7,9-12`.
struct IndexList: TextCodable {
    static let noun =
        "a list of ascending indices in 0..<\(Blueprint.Limit.width) such as \"0-3,7\""

    var indices: [Int]

    init(_ indices: [Int]) { self.indices = indices }

    init?(_ text: String) {
        guard let indices = Self.parse(text) else { return nil }
        self.indices = indices
    }

    var description: String {
        var runs: [(first: Int, last: Int)] = []
        for index in indices {
            if let run = runs.last, run.last + 1 == index {
                runs[runs.count - 1].last = index
            } else {
                runs.append((index, index))
            }
        }
        return runs.map { $0.first == $0.last ? "\($0.first)" : "\($0.first)-\($0.last)" }
            .joined(separator: ",")
    }

    /// Ranges are bounded before they are expanded, so that a short text cannot ask for gigabytes.
    private static func parse(_ text: String) -> [Int]? {
        guard !text.isEmpty else { return [] }
        var indices: [Int] = []
        for run in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = run.split(separator: "-", omittingEmptySubsequences: false)
            guard (1...2).contains(ends.count), let first = number(ends[0]),
                let last = number(ends[ends.count - 1]), first <= last,
                first > indices.last ?? -1
            else { return nil }
            indices += first...last
        }
        return indices
    }

    private static func number(_ text: Substring) -> Int? {
        guard text.allSatisfy({ ("0"..."9").contains($0) }), let value = Int(text),
            value < Blueprint.Limit.width
        else { return nil }
        return value
    }
}
