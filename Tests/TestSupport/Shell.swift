import Foundation

/// What a shell script printed and how it ended.
public struct ShellResult: Sendable {
    /// The exit status as shells have it: 128 and the signal's number where a signal ended it.
    public var status: Int32
    public var output: String
    public var errors: String

    /// Runs a script by bash; `slimvsr` in it is the program built beside the tests.
    ///
    /// - Parameter folder: The working folder.
    public init(_ script: String, in folder: String) throws {
        let process = Process()
        // A thread of the tests may have signals blocked, which processes inherit.
        let start = """
            if True: import os, signal, sys
            signal.signal(signal.SIGPIPE, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_SETMASK, [])
            os.execv("/bin/bash", ["bash", "-c", sys.argv[1]])
            """
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-c", start, script]
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        let programs = URL(fileURLWithPath: CommandLine.arguments[0])
            .deletingLastPathComponent().path
        var environment = ProcessInfo.processInfo.environment
        environment["PATH"] = "\(programs):\(environment["PATH"] ?? "/usr/bin:/bin")"
        process.environment = environment
        let stream = Pipe()
        process.standardOutput = stream
        process.standardInput = FileHandle.nullDevice
        // Errors go through a file, so that no pipe fills while the other is read.
        let errorPath = NSTemporaryDirectory() + "slimvsr-errors-\(UUID().uuidString)"
        _ = FileManager.default.createFile(atPath: errorPath, contents: nil)
        defer { try? FileManager.default.removeItem(atPath: errorPath) }
        process.standardError = FileHandle(forWritingAtPath: errorPath)
        try process.run()
        output = String(
            decoding: stream.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        status =
            process.terminationReason == .uncaughtSignal
            ? 128 + process.terminationStatus : process.terminationStatus
        errors = String(
            decoding: FileManager.default.contents(atPath: errorPath) ?? Data(), as: UTF8.self)
    }

    public var outputLines: [String] { output.split(separator: "\n").map(String.init) }

    /// Whether a program is found, `ffmpeg` for example.
    public static func finds(_ program: String) -> Bool {
        (try? ShellResult("command -v \(program)", in: "/").status == 0) ?? false
    }
}
