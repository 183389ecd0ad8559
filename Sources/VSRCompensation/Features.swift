import Dispatch
import VSRCore
import VSRModel
import VSRRuntime

/// Channels of many small pictures of one size, channel beside channel: one row of `values` for each
/// pixel, picture after picture.
struct Features: Sendable {
    let size: FrameSize
    /// `[pictures · height · width, channels]`.
    var values: Matrix<Float>

    var channels: Int { values.columns }
    var pictures: Int { size.area == 0 ? 0 : values.rows / size.area }

    init(size: FrameSize, values: Matrix<Float>) {
        self.size = size
        self.values = values
    }

    /// The maps of one picture each, all of one size; channels of several maps side by side.
    init(_ pictures: [[FeatureMap]]) {
        size = pictures.first?.first?.size ?? FrameSize(width: 0, height: 0)
        let channels = pictures.first?.reduce(0) { $0 + $1.channels } ?? 0
        var values = Matrix<Float>(rows: pictures.count * size.area, columns: channels)
        for (picture, maps) in pictures.enumerated() {
            var first = 0
            for map in maps {
                for channel in 0..<map.channels {
                    for pixel in 0..<size.area {
                        values.values[(picture * size.area + pixel) * channels + first + channel] =
                            map.samples[channel * size.area + pixel]
                    }
                }
                first += map.channels
            }
        }
        self.values = values
    }

    /// The channels named, in their order.
    func gathered(_ channels: [Int]) -> Features {
        if channels == Array(0..<self.channels) { return self }
        return Features(size: size, values: values.gathered(columns: channels))
    }

    /// The first pictures only.
    func prefix(_ count: Int) -> Features {
        Features(
            size: size,
            values: Matrix(
                rows: count * size.area, columns: channels,
                values: Array(values.values.prefix(count * size.area * channels))))
    }

    mutating func add(_ other: Features, to channels: [Int]) {
        let width = self.channels
        for row in 0..<values.rows {
            for (source, target) in channels.enumerated() {
                values.values[row * width + target] +=
                    other.values.values[row * other.channels + source]
            }
        }
    }

    /// This minus `other`, sample by sample.
    func subtracting(_ other: Features) -> Features {
        var result = self
        result.values.values.withUnsafeMutableBufferPointer { a in
            other.values.values.withUnsafeBufferPointer { b in
                for index in a.indices { a[index] -= b[index] }
            }
        }
        return result
    }

    func activated(by activation: Activation?) -> Features {
        switch activation {
        case nil: return self
        case .leakyReLU(let slope):
            var result = self
            result.values.values.withUnsafeMutableBufferPointer { values in
                for index in values.indices where values[index] < 0 { values[index] *= slope }
            }
            return result
        }
    }

    /// Channel `factor² c + factor i + j` gives row `i`, column `j` of each square of channel `c`.
    func pixelShuffled(by factor: Int) -> Features {
        if factor == 1 { return self }
        let finer = size.scaled(by: factor)
        let (inputs, outputs) = (channels, channels / (factor * factor))
        var result = Matrix<Float>(rows: pictures * finer.area, columns: outputs)
        for picture in 0..<pictures {
            for y in 0..<finer.height {
                for x in 0..<finer.width {
                    let pixel =
                        picture * size.area + y / factor * size.width + x / factor
                    let place = y % factor * factor + x % factor
                    let target = (picture * finer.area + y * finer.width + x) * outputs
                    for channel in 0..<outputs {
                        result.values[target + channel] =
                            values.values[pixel * inputs + channel * factor * factor + place]
                    }
                }
            }
        }
        return Features(size: finer, values: result)
    }
}

/// What a convolution of `kernel`² taps reads at each pixel: for each tap the channels there, zero
/// beyond the picture, and a last 1 for the bias.
struct Patches {
    let features: Features
    let kernel: Int

    var width: Int { features.channels * kernel * kernel + 1 }

    /// Places, in a row of patches, of what belongs to `channel`.
    static func places(of channel: Int, channels: Int, taps: Int) -> [Int] {
        (0..<taps).map { $0 * channels + channel }
    }

    /// Calls `body` with row after row of patches, some pixels at a time, on several threads.
    ///
    /// - Parameter body: First pixel, number of pixels, patches `[pixels, width + extra]`, of which
    ///   the last `extra` columns are the caller's to fill.
    func forEachTile(
        extra: Int = 0, threads: Int,
        _ body:
            @Sendable (_ thread: Int, _ first: Int, _ count: Int, UnsafeMutablePointer<Float>)
            -> Void
    ) {
        let rows = features.values.rows
        let tile = 192
        let tiles = (rows + tile - 1) / tile
        let stride = width + extra
        @Sendable func work(_ thread: Int) {
            let buffer = UnsafeMutablePointer<Float>.allocate(capacity: tile * stride)
            defer { buffer.deallocate() }
            for index in Swift.stride(from: thread, to: tiles, by: threads) {
                let first = index * tile
                let count = min(tile, rows - first)
                fill(buffer, first: first, count: count, stride: stride)
                body(thread, first, count, buffer)
            }
        }
        if threads == 1 {
            work(0)
        } else {
            DispatchQueue.concurrentPerform(iterations: threads, execute: work)
        }
    }

    private func fill(
        _ buffer: UnsafeMutablePointer<Float>, first: Int, count: Int, stride: Int
    ) {
        let size = features.size
        let channels = features.channels
        let half = kernel / 2
        features.values.values.withUnsafeBufferPointer { values in
            for row in 0..<count {
                let (picture, pixel) = (first + row).quotientAndRemainder(dividingBy: size.area)
                let (y, x) = pixel.quotientAndRemainder(dividingBy: size.width)
                var target = buffer + row * stride
                for dy in -half...half {
                    for dx in -half...half {
                        let (sourceY, sourceX) = (y + dy, x + dx)
                        if sourceY >= 0, sourceY < size.height, sourceX >= 0, sourceX < size.width {
                            let source =
                                (picture * size.area + sourceY * size.width + sourceX) * channels
                            if channels > 0 {
                                target.update(from: values.start + source, count: channels)
                            }
                        } else {
                            target.update(repeating: 0, count: channels)
                        }
                        target += channels
                    }
                }
                target.pointee = 1
            }
        }
    }
}

/// A convolution as a matrix `[inputs · k² + 1, outputs]`, rows as ``Patches`` have them.
struct PatchFilter: Sendable {
    let kernel: Int
    let inputs: Int
    var matrix: Matrix<Float>

    var outputs: Int { matrix.columns }

    init(kernel: Int, inputs: Int, matrix: Matrix<Float>) {
        self.kernel = kernel
        self.inputs = inputs
        self.matrix = matrix
    }

    /// - Throws: `notFound` or `shapeMismatch` naming a tensor that the model lacks.
    init(_ layer: Layer, of model: Model) throws {
        let (kernel, inputs, outputs) = (layer.kernelSize, layer.inputs, layer.outputs)
        let weight = try model.weight(of: layer).values
        let bias = try model.bias(of: layer).values
        let taps = kernel * kernel
        var matrix = Matrix<Float>(rows: inputs * taps + 1, columns: outputs)
        for output in 0..<outputs {
            for input in 0..<inputs {
                for tap in 0..<taps {
                    matrix[tap * inputs + input, output] =
                        weight[(output * inputs + input) * taps + tap]
                }
            }
            matrix[inputs * taps, output] = bias[output]
        }
        self.init(kernel: kernel, inputs: inputs, matrix: matrix)
    }

    /// `[outputs, inputs, k, k]` and `[outputs]`.
    var tensors: (weight: ModelTensor, bias: ModelTensor) {
        let taps = kernel * kernel
        var weight = [Float](repeating: 0, count: outputs * inputs * taps)
        for output in 0..<outputs {
            for input in 0..<inputs {
                for tap in 0..<taps {
                    weight[(output * inputs + input) * taps + tap] =
                        matrix[tap * inputs + input, output]
                }
            }
        }
        return (
            ModelTensor(shape: [outputs, inputs, kernel, kernel], values: weight),
            ModelTensor(
                shape: [outputs], values: (0..<outputs).map { matrix[inputs * taps, $0] })
        )
    }

    /// The filters named, in their order.
    func filters(_ indices: [Int]) -> PatchFilter {
        PatchFilter(kernel: kernel, inputs: inputs, matrix: matrix.gathered(columns: indices))
    }

    func callAsFunction(_ features: Features, threads: Int) -> Features {
        var result = Matrix<Float>(rows: features.values.rows, columns: outputs)
        let patches = Patches(features: features, kernel: kernel)
        let (width, outputs) = (patches.width, outputs)
        guard outputs > 0, features.values.rows > 0 else {
            return Features(size: features.size, values: result)
        }
        result.values.withUnsafeMutableBufferPointer { output in
            let target = Address(output.start)
            patches.forEachTile(threads: threads) { _, first, count, tile in
                matrix.values.withUnsafeBufferPointer { filter in
                    Float.multiply(
                        count, outputs, width, tile, width, 1, filter.start, outputs,
                        target.pointer + first * outputs, outputs, isUpper: false)
                }
            }
        }
        return Features(size: features.size, values: result)
    }
}

/// Memory that threads write disjoint parts of.
struct Address<Value>: @unchecked Sendable {
    let pointer: UnsafeMutablePointer<Value>
    init(_ pointer: UnsafeMutablePointer<Value>) { self.pointer = pointer }
}
