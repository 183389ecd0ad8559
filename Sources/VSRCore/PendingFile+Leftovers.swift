import Foundation

extension PendingFile {
    /// Removes what killed processes left half written beside `path`.
    ///
    /// For files that nobody else writes at this time; what cannot be removed stays.
    public static func removeLeftovers(of path: String) {
        let url = URL(fileURLWithPath: path)
        let folder = url.deletingLastPathComponent().path
        let stem = url.deletingPathExtension().lastPathComponent
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        for entry in entries where isTemporary(entry, stem: stem, extension: url.pathExtension) {
            try? FileManager.default.removeItem(atPath: "\(folder)/\(entry)")
        }
    }

    /// Whether `name` is `.STEM.PROCESS-NUMBER.EXTENSION`, as ``temporaryPath`` is named.
    private static func isTemporary(_ name: String, stem: String, extension ending: String) -> Bool
    {
        let suffix = ending.isEmpty ? "" : ".\(ending)"
        let prefix = ".\(stem)."
        guard name.hasPrefix(prefix), name.hasSuffix(suffix),
            name.count > prefix.count + suffix.count
        else { return false }
        let middle = name.dropFirst(prefix.count).dropLast(suffix.count)
        let parts = middle.split(separator: "-", omittingEmptySubsequences: false)
        return parts.count == 2
            && parts.allSatisfy { !$0.isEmpty && $0.allSatisfy { ("0"..."9").contains($0) } }
    }
}
