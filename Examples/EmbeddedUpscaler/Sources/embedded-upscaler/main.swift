import Foundation
import VSRCore

// Usage: embedded-upscaler MODEL < in.y4m > out.y4m

guard CommandLine.arguments.count == 2 else {
    FileHandle.standardError.write(
        Data("usage: embedded-upscaler MODEL.safetensors < in.y4m > out.y4m\n".utf8))
    exit(1)
}
do {
    try upscale(
        model: CommandLine.arguments[1], from: Y4MReader(.standardInput),
        to: Y4MWriter(.standardOutput))
} catch {
    let message = (error as? VSRError)?.message ?? "\(error)"
    FileHandle.standardError.write(Data("error: \(message)\n".utf8))
    exit(1)
}
