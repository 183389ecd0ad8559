import Dispatch
import Foundation

/// How much other programs hold up this one.
struct Contention {
    private let start = DispatchTime.now().uptimeNanoseconds
    private let before = Contention.waitedNanoseconds

    /// Share of the time since the start that a thread of this process was ready to run but had to
    /// wait for a core, the longest wait of all threads; `nil` where the system does not tell.
    var share: Double? {
        guard let before, let after = Self.waitedNanoseconds else { return nil }
        let elapsed = Double(DispatchTime.now().uptimeNanoseconds - start)
        return max(after - before, 0) / max(elapsed, 1)
    }

    /// What the thread that waited longest, of those that live, has waited so far.
    ///
    /// Linux counts it in the second field of `schedstat`.
    private static var waitedNanoseconds: Double? {
        let folder = "/proc/self/task"
        guard let tasks = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
            return nil
        }
        let waits = tasks.compactMap { task -> Double? in
            guard let data = FileManager.default.contents(atPath: "\(folder)/\(task)/schedstat")
            else { return nil }
            let fields = String(decoding: data, as: UTF8.self).split(separator: " ")
            return fields.count > 1 ? Double(fields[1]) : nil
        }
        return waits.max()
    }
}
