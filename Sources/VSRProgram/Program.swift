import ArgumentParser
import VSRCore

/// Parses arguments and executes the command they name, one of those that `Root` lists.
///
/// A failure is printed as one sentence and its cause; the exit code is 1 then.
public enum Program<Root: ParsableCommand> {
    /// - Parameter arguments: Without the program's name.
    /// - Returns: The exit code.
    public static func run(_ arguments: [String], console: Console) -> Int32 {
        // Until the arguments are parsed, only the words themselves can tell.
        var isVerbose = arguments.contains("--verbose")
        do {
            var parsed = try Root.parseAsRoot(ProgramArguments.joiningNegativeNumbers(arguments))
            guard let command = parsed as? any Command else {
                // The parser's own commands throw the help that was asked for.
                try parsed.run()
                return 0
            }
            isVerbose = command.general.verbose
            try command.execute(console)
            console.progress.finish()
            return 0
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
            return 1
        }
        guard Root.exitCode(for: error) != .success else {
            // Help and version are thrown by the parser.
            console.output(Root.fullMessage(for: error))
            return 0
        }
        console.report(failure: Root.message(for: error))
        return 1
    }
}
