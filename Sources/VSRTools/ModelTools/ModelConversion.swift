import Foundation
import VSRCore
import VSRModel

/// Makes model files of other projects' weights.
public struct ModelConversion: Sendable {
    public var options = ModelImport.Options()
    public var storage = WeightStorage.float32
    /// Joins the model's metadata: name, data, license, what the network was trained for.
    public var metadata: [String: String] = [:]

    public init() {}

    /// A conversion by what a user says, with a command that takes these options.
    public init(_ said: ForeignModelOptions) {
        options = ModelImport.Options(
            prefix: said.prefix, activation: said.activation, command: nil)
        metadata[MetadataKey.degradation] = said.degradation?.rawValue
    }

    /// A converted network.
    public struct Outcome: Sendable {
        public var model: Model
        /// How the file was read, a sentence each.
        public var remarks: [String]
        /// What the file and its network are, in a line.
        public var summary: String
    }

    /// Reads a network of another project.
    ///
    /// - Throws: `invalidArgument` for what is a model file already; what ``ModelImport`` throws.
    public func converted(_ path: String) throws -> Outcome {
        guard try WeightsFile.kind(of: path) != .model else {
            throw VSRError(
                .invalidArgument,
                "\(path) is a model file already: use it as it is, or change it with slimvsr pack")
        }
        let outcome = try ModelImport.outcome(of: path, options: options)
        var model = outcome.model
        let file = URL(fileURLWithPath: path).lastPathComponent
        let under = outcome.prefix.isEmpty ? "" : " under \(outcome.prefix)"
        let assumption = outcome.assumesActivation ? ", assumed" : ""
        model.metadata[MetadataKey.history] =
            "imported from \(file): \(outcome.project)'s names\(under), "
            + "\(outcome.activation)\(assumption)"
        model.metadata.merge(metadata) { _, new in new }
        var remarks = outcome.remarks
        if outcome.assumesActivation {
            let remedy =
                options.command.map { "\($0) --activation makes a model file with another" }
                ?? "--activation takes another"
            remarks.append(
                "the file does not name its activation, taken as \(outcome.activation), as in "
                    + "BasicVSR; \(remedy)")
        }
        return Outcome(
            model: model, remarks: remarks,
            summary: Self.summary(model.blueprint, outcome.project, under))
    }

    /// Reads a network of another project and writes it as a model file, whole or not at all.
    ///
    /// - Throws: What ``converted(_:)`` throws; `invalidArgument` where the output is the file that
    ///   is read, or float16 cannot hold a weight; `io`.
    public func convert(_ path: String, to output: String) throws -> Outcome {
        guard path.resolvedPath != output.resolvedPath else {
            throw VSRError(
                .invalidArgument, "\(output) would replace the file that is read: name another")
        }
        let outcome = try converted(path)
        try ModelFile.write(outcome.model, to: output, storage: storage)
        return outcome
    }

    private static func summary(
        _ blueprint: Blueprint, _ project: String, _ under: String
    ) -> String {
        "\(blueprint.direction.title) BasicVSR, ×\(blueprint.scale), width \(blueprint.width), "
            + "\(blueprint.blocksPerBranch.counted("block")) per branch, by \(project)'s names\(under)"
    }
}
