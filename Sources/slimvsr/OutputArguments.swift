import ArgumentParser
import VSRCore

/// Options of the commands that write a file that the user names.
struct OutputArguments: ParsableArguments {
    @Flag(name: [.customShort("y"), .long], help: "Replace the output if it exists.")
    var overwrite = false

    @Flag(help: "Make the output's folder, and those above it, if missing.")
    var makeFolders = false

    /// - Throws: `invalidArgument` if a file would be replaced, `notFound` without its folder.
    func check(_ output: String) throws {
        try OutputCheck(replaces: overwrite, makesFolders: makeFolders).check(output)
    }
}
