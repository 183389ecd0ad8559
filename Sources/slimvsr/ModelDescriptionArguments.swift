import ArgumentParser
import VSRImaging
import VSRModel

/// What is said of a model in its file.
struct ModelDescriptionArguments: ParsableArguments {
    @Option(help: "One line that names the model for people.")
    var name: String?

    @Option(help: "What it was trained on, with licenses.")
    var data: String?

    @Option(help: "The license of the weights.")
    var license: String?

    @Option(help: "What the network was trained for: BI, BD or BD-DUF; evaluate uses it.")
    var degradation: Degradation?

    @Option(help: "Where the weights are from.")
    var source: String?

    /// What was given, by key of the model file.
    var metadata: [String: String] {
        [
            MetadataKey.name: name, MetadataKey.data: data, MetadataKey.license: license,
            MetadataKey.degradation: degradation?.rawValue, MetadataKey.source: source,
        ].compactMapValues { $0 }
    }
}
