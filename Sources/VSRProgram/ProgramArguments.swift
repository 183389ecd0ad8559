/// What both programs make of their arguments before these are parsed.
public enum ProgramArguments {
    /// The arguments, every negative number joined to the option before it: `--threads -1` becomes
    /// `--threads=-1`.
    ///
    /// The parser would take `-1` for an option and report that `--threads` has no value, when it is
    /// the value that is out of range. What follows `--` stays as it is.
    public static func joiningNegativeNumbers(_ arguments: [String]) -> [String] {
        var result: [String] = []
        var isAfterTerminator = false
        for argument in arguments {
            if !isAfterTerminator, isNegativeNumber(argument), let option = result.last,
                isOptionAwaitingValue(option)
            {
                result[result.count - 1] = "\(option)=\(argument)"
            } else {
                result.append(argument)
                isAfterTerminator = isAfterTerminator || argument == "--"
            }
        }
        return result
    }

    /// `-1`, `-0.5`, `-.5`, `-1e3`.
    private static func isNegativeNumber(_ text: String) -> Bool {
        text.hasPrefix("-") && !text.hasPrefix("--") && Double(text) != nil
    }

    private static func isOptionAwaitingValue(_ text: String) -> Bool {
        text.hasPrefix("--") && text.count > 2 && !text.contains("=")
    }
}
