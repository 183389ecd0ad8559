import ArgumentParser
import Foundation
import VSRCore

/// Parses arguments and executes the command they name, one of those that `Root` lists.
///
/// A failure is printed as one sentence and its cause. Exit codes: 0 done, 1 failed, 2 for arguments
/// that cannot be parsed, others where a command throws an `ExitCode` after it has printed what it
/// did; a program that was stopped by a signal ends by it, which shells show as 128 and the signal's
/// number: 130 for Ctrl-C.
public enum Program<Root: ParsableCommand> {
    /// Runs the process' own arguments and ends the process.
    public static func main() -> Never {
        StandardStream.secure()
        let code = run(Array(CommandLine.arguments.dropFirst()), console: .standard)
        if let number = Interruption.signalNumber, code == 128 + number {
            Interruption.end(by: number)
        }
        exit(code)
    }

    /// - Parameter arguments: Without the program's name.
    /// - Returns: The exit code.
    public static func run(_ arguments: [String], console: Console) -> Int32 {
        // Until the arguments are parsed, only the words themselves can tell.
        var isVerbose = arguments.contains("--verbose")
        do {
            var parsed = try Root.parseAsRoot(ProgramArguments.joiningNegativeNumbers(arguments))
            if let command = parsed as? any Command {
                isVerbose = command.general.verbose
                try command.execute(console)
            } else {
                // The parser's own commands throw the help that was asked for.
                try parsed.run()
            }
            console.progress.finish()
            return outputCode(console)
        } catch let code as ExitCode where code != .success {
            console.progress.finish()
            let output = outputCode(console)
            return output == 0 ? code.rawValue : output
        } catch {
            console.progress.finish()
            return report(error, console, isVerbose: isVerbose)
        }
    }

    private static func report(
        _ error: any Error, _ console: Console, isVerbose: Bool
    ) -> Int32 {
        if let error = error as? VSRError {
            console.report(failure: error, isVerbose: isVerbose)
            // A cancellation without a signal is a test's, or an application's: as Ctrl-C.
            return error.code == .cancelled ? 128 + (Interruption.signalNumber ?? SIGINT) : 1
        }
        guard Root.exitCode(for: error) != .success else {
            // Help and version are thrown by the parser.
            console.output(Root.fullMessage(for: error))
            return outputCode(console)
        }
        console.report(failure: Root.message(for: error))
        return 2
    }

    /// 0, or 1 with a report if results could not be printed.
    private static func outputCode(_ console: Console) -> Int32 {
        guard let failure = console.outputFailure() else { return 0 }
        console.report(failure: "cannot write to standard output: \(failure)")
        return 1
    }
}
