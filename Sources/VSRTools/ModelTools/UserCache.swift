import Foundation

/// The user's cache, where downloads and measurements of this machine are kept.
public enum UserCache {
    /// `$XDG_CACHE_HOME/slimvsr`, or `~/.cache/slimvsr`.
    public static var folder: URL {
        folder(environment: ProcessInfo.processInfo.environment)
    }

    /// Weights that `scripts/fetch-weights` converted.
    public static var weights: URL { folder.appendingPathComponent("weights") }

    /// Source: XDG Base Directory Specification 0.8: paths that are not absolute are ignored.
    static func folder(environment: [String: String]) -> URL {
        let base: URL
        if let path = environment["XDG_CACHE_HOME"], path.hasPrefix("/") {
            base = URL(fileURLWithPath: path)
        } else {
            let home = environment["HOME"] ?? NSHomeDirectory()
            base = URL(fileURLWithPath: home).appendingPathComponent(".cache")
        }
        return base.appendingPathComponent("slimvsr")
    }
}
