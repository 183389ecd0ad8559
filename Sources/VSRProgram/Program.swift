import ArgumentParser
import VSRCore

/// A command of a program: its properties are the parsed arguments.
public protocol Command: ParsableCommand {
    /// Calls one library function and prints what it returns.
    func execute(_ console: Console) throws
}

/// Parses, executes and turns every failure into one sentence and exit code 1; `Root` lists the
/// commands.
public enum Program<Root: ParsableCommand> {
    /// - Parameter arguments: Without the program's name.
    /// - Returns: The exit code.
    public static func run(_ arguments: [String], console: Console) -> Int32 {
        do {
            var parsed = try Root.parseAsRoot(ProgramArguments.joiningNegativeNumbers(arguments))
            guard let command = parsed as? any Command else {
                // The parser's own commands throw the help that was asked for.
                try parsed.run()
                return 0
            }
            try command.execute(console)
            console.progress.finish()
            return 0
        } catch {
            console.progress.finish()
            return report(error, console)
        }
    }

    private static func report(_ error: any Error, _ console: Console) -> Int32 {
        if let error = error as? VSRError {
            console.report(failure: error.message)
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
