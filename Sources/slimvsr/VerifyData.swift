import ArgumentParser
import VSRCore
import VSRData
import VSRImaging
import VSRProgram
import VSRTools

struct VerifyData: Command {
    static let configuration = CommandConfiguration(
        commandName: "verify-data",
        abstract: "Look through a data set: layout, clips, what is missing or does not belong.",
        discussion: """
            Every frame is decoded. Low-resolution frames that come with the data set are held against \
            what BI, BD and BD-DUF make of their originals: which of them made them, where samples \
            lie (centered, or shifted by so many pixels of the original to the right and down), and \
            the largest and the mean difference in levels of 255. A question mark says that none \
            surely made them.

            slimvsr verify-data Vid4
            slimvsr verify-data REDS --benchmark reds4
            slimvsr verify-data vimeo_septuplet --list vimeo_septuplet/sep_testlist.txt --quick

            The exit code is 1 where something is wrong.
            """)

    @Argument(help: "The data set's folder.")
    var folder: String

    @Option(help: "A published test set that its clips are to be.")
    var benchmark: BenchmarkPreset?

    @Option(
        help: ArgumentHelp(
            "\(ClipLayout.allValueStrings.joined(separator: ", ")) (default: what it is recognized as)."
        ))
    var layout: ClipLayout?

    @Option(help: "A file that lists the clips, one path per line.")
    var list: String?

    @Option(help: "Look at the low-resolution frames in this folder alone, here or elsewhere.")
    var lowResolution: String?

    @Flag(help: "Decode only the first and the middle frame of each clip.")
    var quick = false

    @Option(help: "Clips that are looked through at a time.")
    var threads: Int?

    @Option(help: "Write all findings to this file as JSON; - prints JSON instead of the table.")
    var json: String?

    @OptionGroup var general: GeneralOptions

    func validate() throws {
        if let threads, !(1...1024).contains(threads) {
            throw ValidationError("--threads must be in 1...1024, not \(threads)")
        }
        if let benchmark, list != nil, benchmark != .vimeo90kT {
            throw ValidationError(
                "--benchmark \(benchmark.rawValue) has clips of its own: leave --list or --benchmark "
                    + "out")
        }
    }

    func execute(_ console: Console) throws {
        var verification = DataVerification()
        verification.layout = layout
        verification.benchmark = benchmark
        verification.list = list
        verification.check.isQuick = quick
        verification.check.lowResolution = lowResolution
        var options = LoadingOptions()
        if let threads { options.threads = threads }
        options.progress = console.progress.handler
        options.cancellation = console.cancellation
        let findings = try verification.run(on: folder, options: options)
        console.progress.finish()
        try console.show(findings, findings.text, json: json)
        if !findings.faults.isEmpty { throw ExitCode(1) }
    }
}
