import Foundation

/// How LibTorch's worker threads wait for their next piece of work.
enum WaitingThreads {
    /// The variable by which OpenMP's library is told, once, while it is loaded.
    static let variable = "OMP_WAIT_POLICY"

    /// Starts the program anew with waiting threads that sleep, unless the user chose how they wait.
    ///
    /// Threads that spin, OpenMP's default, take the cores from other programs and, since each step
    /// waits for the last of them, lose by it themselves. The library was loaded before this
    /// program's first line, so only a new start can tell it. Where that fails, and on other systems
    /// than Linux, nothing changes.
    static func letSleep() {
        #if os(Linux)
            guard getenv(variable) == nil,
                let program = try? FileManager.default.destinationOfSymbolicLink(
                    atPath: "/proc/self/exe"),
                // The new start finds the variable set, so there is no third.
                setenv(variable, "passive", 1) == 0
            else { return }
            execv(program, CommandLine.unsafeArgv)
            unsetenv(variable)
        #endif
    }
}
