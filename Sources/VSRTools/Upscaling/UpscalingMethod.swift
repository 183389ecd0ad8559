import VSRCore
import VSRImaging
import VSRModel
import VSRRuntime

/// What upscales, as a user names it: `bicubic` or a model.
public struct UpscalingMethod: Sendable {
    /// As given.
    public let name: String
    public let scale: Int
    /// The network; `nil` for bicubic interpolation.
    public let model: Model?
    /// What was assumed or left out on reading a file of another project, a sentence each.
    public let remarks: [String]

    public static let bicubicName = "bicubic"

    /// - Parameters:
    ///   - name: `bicubic`, the name of a bundled or fetched model, or a file, see ``ModelReference``.
    ///   - scale: For bicubic; a model has its own.
    ///   - foreign: What is said of a file of another project; `nil` for commands that do not ask.
    /// - Throws: what reading the model throws; `invalidArgument` for what is said of anything else.
    public init(
        _ name: String, scale: Int = 4, foreign: ForeignModelOptions? = nil
    ) throws {
        self.name = name
        if name == Self.bicubicName {
            try foreign?.refuse(for: name, kind: "no model")
            guard scale == 2 || scale == 4 else {
                throw VSRError(.invalidArgument, "scale is \(scale): it must be 2 or 4")
            }
            self.scale = scale
            model = nil
            remarks = []
        } else {
            let loaded = try ModelReference(name, foreign: foreign).load()
            self.scale = loaded.model.blueprint.scale
            model = loaded.model
            remarks = loaded.remarks
        }
    }

    /// A model at hand under a name.
    public init(_ model: Model, name: String) {
        self.name = name
        scale = model.blueprint.scale
        self.model = model
        remarks = []
    }

    /// All that decides on the frames besides the input, by names for people.
    public func settings(
        of upscaler: any PictureUpscaling, _ options: UpscalerOptions
    ) -> [String: String] {
        guard let model else { return ["--model": "\(name) x\(scale)"] }
        return [
            "--model": model.fingerprint,
            "--precision": upscaler.arithmetic?.precision ?? "",
            "instruction set": upscaler.arithmetic?.instructionSet ?? "",
            "--stability-guard": options.guardsStability ? "on" : "off",
        ]
    }

    /// A new upscaler, independent of others.
    public func upscaler(
        options: UpscalerOptions = UpscalerOptions()
    ) throws -> any PictureUpscaling {
        guard let model else { return try BicubicUpscaler(scale: scale) }
        return try Upscaler(model: model, options: options)
    }
}
