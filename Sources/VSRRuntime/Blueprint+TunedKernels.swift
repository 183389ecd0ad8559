import VSRCore
import VSRModel

extension Blueprint {
    /// Checks that the tuned kernels can do all that the network asks for.
    ///
    /// - Throws: `unsupported` naming the layer and what it asks for.
    func requireTunedKernels() throws {
        for layer in layers {
            guard layer.kernelSize == layer.tunedKernelSize ?? layer.kernelSize,
                [1, 3, 7].contains(layer.kernelSize)
            else {
                throw Self.lacking(
                    "convolutions of \(layer.kernelSize)x\(layer.kernelSize)", layer)
            }
            guard layer.shuffle <= 2 else {
                throw Self.lacking("pixel-shuffles by \(layer.shuffle)", layer)
            }
        }
    }

    private static func lacking(_ operation: String, _ layer: Layer) -> VSRError {
        VSRError(
            .unsupported,
            "the tuned kernels have no \(operation), which layer \(layer.name) needs: choose the "
                + "reference executor (--executor reference), which is slow")
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
    var kernelSlope: Float {
        switch activation {
        case .leakyReLU(let slope): slope
        case nil: 1
        }
    }
}
