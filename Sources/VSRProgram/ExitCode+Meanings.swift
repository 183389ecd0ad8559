import ArgumentParser

extension ExitCode {
    /// The output is complete, but the input was damaged.
    public static let doneWithDamage = ExitCode(3)
}
