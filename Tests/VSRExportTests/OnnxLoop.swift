import Foundation
import VSRCore
import VSRExport
import VSRModel

/// Runs the graphs of a network over a clip by the interpreter, as docs/export.md describes it.
struct OnnxLoop {
    let files: [OnnxFile]

    init(_ paths: [String]) throws { files = try paths.map(OnnxFile.init) }

    func upscaled(_ clip: [Frame]) throws -> [[Double]] {
        var known: [[String: ArrayValue]] = Array(repeating: [:], count: clip.count)
        var frames: [[Double]] = []
        for file in files {
            let isLast = file.outputs.contains { $0.name == "upscaled" }
            let order = isLast ? Array(clip.indices) : clip.indices.reversed()
            var states: [String: ArrayValue] = [:]
            var before = try array(clip[order[0]])
            for index in order {
                var inputs = try states.merging(known[index]) { $1 }
                let frame = try array(clip[index])
                inputs["frame"] = frame
                for port in file.inputs where inputs[port.name] == nil {
                    if ["previous", "next"].contains(port.name) {
                        inputs[port.name] = before
                    } else {
                        let size = clip[index].size
                        inputs[port.name] = ArrayValue(
                            [1, Int(port.shape[1]) ?? 0, size.height, size.width]
                        ) { _ in 0 }
                    }
                }
                let outputs = try OnnxInterpreter(file: file).run(inputs)
                for (name, value) in outputs where name.hasPrefix("new_") {
                    states[String(name.dropFirst(4))] = value
                }
                if isLast, let upscaled = outputs["upscaled"] { frames.append(upscaled.values) }
                if !isLast { known[index] = states }
                before = frame
            }
        }
        return frames
    }

    private func array(_ frame: Frame) throws -> ArrayValue {
        try ArrayValue(
            shape: [1, Frame.channels, frame.size.height, frame.size.width],
            values: frame.samples.map(Double.init))
    }
}
