import VSRCore
import VSRModel

extension Blueprint {
    /// Checks that the tuned kernels can do all that the network asks for.
    ///
    /// - Throws: `unsupported` naming the layer and what it asks for.
    func requireTunedKernels() throws {
        // Empty ones too: kernels are told of every convolution of the upsampler.
        for layer in layersWithEmptyOnes {
            guard layer.kernelSize == layer.tunedKernelSize ?? layer.kernelSize,
                [1, 3, 7].contains(layer.kernelSize)
            else {
                throw Self.lacking(
                    "convolutions of \(layer.kernelSize)x\(layer.kernelSize)", layer)
            }
            guard layer.shuffle <= 2 else {
                throw Self.lacking("pixel-shuffles by \(layer.shuffle)", layer)
            }
            _ = try layer.kernelSlope()
        }
    }

    private static func lacking(_ operation: String, _ layer: Layer) -> VSRError {
        VSRError(
            .unsupported,
            "the tuned kernels have no \(operation), which layer \(layer.name) needs: only the "
                + "reference executor runs it, slowly (slimvsr upscale --executor reference)")
    }
}

extension Layer {
    /// The kernel's side where a tuned kernel is written for one alone; `nil` where it is not.
    fileprivate var tunedKernelSize: Int? {
        switch role {
        case .fusion: 1
        case .block, .upconvolution, .refinement, .output: 3
        case .first, .flow: nil
        }
    }

    /// The activation as tuned kernels know it: what values below 0 are multiplied by.
    ///
    /// - Throws: `unsupported` where they have no kernel for it; today they do all there are.
    func kernelSlope() throws -> Float {
        switch activation {
        case .leakyReLU(let slope): slope
        case nil: 1
        }
    }
}
