import Foundation

/// How LibTorch's worker threads wait for their next piece of work.
enum WaitingThreads {
    /// What tells OpenMP's library, while it is loaded, how threads wait: GCC's spin for a number of times,
    /// then sleep.
    ///
    /// The library's own 300,000 turns (3 ms) take the cores from other programs and, since each
    /// operation waits for its last thread, lose by it themselves; without any, threads wake up too
    /// slowly for the short pauses between operations. docs/training.md has the times.
    static let settings = [("OMP_WAIT_POLICY", "passive"), ("GOMP_SPINCOUNT", "5000")]

    /// Starts the program anew with these settings, unless the user chose one of them.
    ///
    /// The library was loaded before this program's first line, so only a new start can tell it.
    /// Where that fails, and on other systems than Linux, nothing changes.
    static func shareCores() {
        #if os(Linux)
            guard settings.allSatisfy({ getenv($0.0) == nil }),
                let program = try? FileManager.default.destinationOfSymbolicLink(
                    atPath: "/proc/self/exe")
            else { return }
            // The new start finds the settings made, so it is the last.
            if settings.allSatisfy({ setenv($0.0, $0.1, 1) == 0 }) {
                execv(program, CommandLine.unsafeArgv)
            }
            for (name, _) in settings { unsetenv(name) }
        #endif
    }
}
