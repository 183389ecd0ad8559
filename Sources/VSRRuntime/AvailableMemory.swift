import Foundation
import VSRCore

/// The memory that this process can have.
public enum AvailableMemory {
    /// Bytes of the machine, or what the process's control group is limited to where that is less.
    public static var bytes: Int {
        let machine = Int(clamping: ProcessInfo.processInfo.physicalMemory)
        let groups = try? String(contentsOfFile: "/proc/self/cgroup", encoding: .utf8)
        return min(machine, limit(ofGroups: groups ?? "", under: "/sys/fs/cgroup") ?? .max)
    }

    /// The least memory limit of the process's control groups and of those around them.
    ///
    /// Within a container, only an outer part of a group's path may be visible, or none of it.
    ///
    /// - Parameters:
    ///   - groups: Lines `number:controllers:path`, as in `/proc/self/cgroup`.
    ///   - root: The folder of the control groups.
    /// - Returns: `nil` where nothing limits the process.
    static func limit(ofGroups groups: String, under root: String) -> Int? {
        var limits: [Int] = []
        for line in groups.split(separator: "\n") {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { continue }
            let path = fields[2].split(separator: "/").map(String.init)
            if fields[0] == "0", fields[1].isEmpty {
                limits += Self.limits(in: root, path, file: "memory.max")
            } else if fields[1].split(separator: ",").contains("memory") {
                limits += Self.limits(in: root + "/memory", path, file: "memory.limit_in_bytes")
            }
        }
        return limits.min()
    }

    /// Limits of a group and of all around it; a file that says `max` is none.
    private static func limits(in root: String, _ path: [String], file: String) -> [Int] {
        (0...path.count).compactMap { depth in
            let name = ([root] + path.prefix(depth) + [file]).joined(separator: "/")
            let text = try? String(contentsOfFile: name, encoding: .utf8)
            return text.flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
        }
    }
}
