import ArgumentParser

/// A command of a program: its properties are the parsed arguments.
public protocol Command: ParsableCommand {
    /// What every command takes; declare it as `@OptionGroup var general: GeneralOptions`.
    var general: GeneralOptions { get }

    /// Calls one library function and prints what it returns.
    func execute(_ console: Console) throws
}

/// The options of every command of both programs.
public struct GeneralOptions: ParsableArguments {
    @Flag(help: "With an error, print its code and where in the source it was raised.")
    public var verbose = false

    public init() {}
}
