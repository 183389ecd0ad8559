import ArgumentParser
import VSRCore
import VSRProgram
import VSRTools

struct Models: Command {
    static let configuration = CommandConfiguration(
        abstract: "List the available models: what each is for, its quality, its speed.",
        discussion: """
            Bundled models travel with the program; published ones are fetched once and kept in \
            the user's cache. Any of them goes wherever a command takes a model.

            slimvsr models
            slimvsr models --measure             # times those that are here, on this machine
            slimvsr models basicvsr-vimeo-bi     # all about one
            """)

    @Argument(help: "One model, about which everything known is printed (default: list all).")
    var name: String?

    @Flag(help: "Time the models on this machine first, some seconds each, and keep the times.")
    var measure = false

    @Flag(help: "Print everything as JSON.")
    var json = false

    @OptionGroup var general: GeneralOptions

    func execute(_ console: Console) throws {
        let version = SlimVSR.configuration.version
        if measure { try measure(version, console) }
        var list = try ModelList(version: version)
        guard let name else {
            return console.output(json ? try JSONText.text(list) : list.text)
        }
        list.entries = list.entries.filter { $0.name == name }
        guard let entry = list.entries.first else {
            // Names what there is.
            _ = try ModelReference(name)
            throw VSRError(
                .invalidArgument, "\(name) is a file, not a name: slimvsr inspect shows files")
        }
        console.output(json ? try JSONText.text(entry) : entry.text)
    }

    private func measure(_ version: String, _ console: Console) throws {
        var timings = FrameTimings.read()
        let names = try name.map { [$0] } ?? ModelList(version: version).present.map(\.name)
        for name in names {
            try timings.measure(
                try ModelReference(name).read(), name: name, version: version,
                progress: labeled(name, console), cancellation: console.cancellation)
        }
        console.progress.finish()
    }

    private func labeled(_ name: String, _ console: Console) -> ProgressHandler {
        let handler = console.progress.handler
        return { update in
            var update = update
            update.label = "measure \(name)"
            handler(update)
        }
    }
}
