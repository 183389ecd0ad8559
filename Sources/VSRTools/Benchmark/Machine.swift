import Foundation

/// The machine that figures were taken on.
public struct Machine: Sendable, Codable, Equatable {
    /// The processor's name as the system gives it.
    public var processor: String
    public var cores: Int
    /// `x86_64`, `aarch64`.
    public var architecture: String

    public init(processor: String, cores: Int, architecture: String) {
        self.processor = processor
        self.cores = cores
        self.architecture = architecture
    }

    /// The machine that this process runs on.
    public static var current: Machine {
        Machine(
            processor: value(of: "model name", in: "/proc/cpuinfo") ?? "unknown processor",
            cores: ProcessInfo.processInfo.activeProcessorCount, architecture: architecture)
    }

    /// Bytes of memory that this process holds now; `nil` where the system does not tell.
    public static var residentBytes: Int? { kilobytes("VmRSS") }

    /// The most that it ever held.
    public static var peakResidentBytes: Int? { kilobytes("VmHWM") }

    private static func kilobytes(_ key: String) -> Int? {
        value(of: key, in: "/proc/self/status")
            .flatMap { Int($0.split(separator: " ").first ?? "") }.map { $0 * 1024 }
    }

    /// The text after the first `key:` of a file of the proc file system.
    private static func value(of key: String, in path: String) -> String? {
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        for line in String(decoding: data, as: UTF8.self).split(separator: "\n")
        where line.hasPrefix(key) {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2 { return parts[1].trimmingCharacters(in: .whitespaces) }
        }
        return nil
    }

    private static var architecture: String {
        #if arch(x86_64)
            "x86_64"
        #elseif arch(arm64)
            "aarch64"
        #else
            "unknown"
        #endif
    }
}
