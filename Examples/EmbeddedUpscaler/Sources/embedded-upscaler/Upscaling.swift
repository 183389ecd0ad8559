import VSRCore
import VSRModel
import VSRRuntime

/// Upscales a stream by a model file, in memory that is had once.
func upscale(model path: String, from reader: Y4MReader, to writer: Y4MWriter) throws {
    let header = reader.header
    let model = try ModelFile.read(path)
    let upscaler = try Upscaler(model: model, frameSize: header.size)
    let outputHeader = header.scaled(by: upscaler.scale)
    let input = PlanarPicture(header)
    let output = PlanarPicture(outputHeader)
    try writer.write(outputHeader)

    func writeReadyFrames() throws {
        while upscaler.readyFrames > 0 {
            try upscaler.pull(
                into: .yuv(
                    output.y, output.u, output.v, size: outputHeader.size,
                    format: outputHeader.format))
            try writer.write(output)
        }
    }

    while try reader.read(into: input) {
        try upscaler.push(
            .yuv(
                .init(input.y), .init(input.u), .init(input.v), size: header.size,
                format: header.format))
        try writeReadyFrames()
    }
    try upscaler.endClip()
    try writeReadyFrames()  // what a bidirectional network held back
}
