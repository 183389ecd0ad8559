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

    public static let bicubicName = "bicubic"

    /// - Parameters:
    ///   - name: `bicubic`, the name of a bundled model, or a model file.
    ///   - scale: For bicubic; a model has its own.
    /// - Throws: what reading the model throws.
    public init(_ name: String, scale: Int = 4) throws {
        self.name = name
        if name == Self.bicubicName {
            guard scale == 2 || scale == 4 else {
                throw VSRError(.invalidArgument, "scale is \(scale): it must be 2 or 4")
            }
            self.scale = scale
            model = nil
        } else {
            let model = try ModelReference(name).read()
            self.scale = model.blueprint.scale
            self.model = model
        }
    }

    /// A model at hand under a name.
    public init(_ model: Model, name: String) {
        self.name = name
        scale = model.blueprint.scale
        self.model = model
    }

    /// A new upscaler of its own state.
    public func upscaler(
        options: UpscalerOptions = UpscalerOptions()
    ) throws -> any PictureUpscaling {
        guard let model else { return try BicubicUpscaler(scale: scale) }
        return try Upscaler(model: model, options: options)
    }
}
