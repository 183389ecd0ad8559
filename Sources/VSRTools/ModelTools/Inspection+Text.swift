import Foundation
import VSRCore

extension Inspection {
    /// The inspection for a terminal, at most 100 columns wide.
    ///
    /// - Parameter listsLayers: Whether every convolution gets a line.
    public func text(listsLayers: Bool = false) -> String {
        var lines = [summary, ""]
        lines += partTable.lines()
        lines += ["", "Counts hold for one \(frameSize) frame; biases count once per output."]
        if listsLayers { lines += [""] + layerTable.lines() }
        lines += remarks.flatMap { TextWrap.lines($0) }
        if !metadata.isEmpty {
            lines += [""] + metadata.sorted { $0.key < $1.key }.flatMap(Self.metadataLines)
        }
        return lines.joined(separator: "\n")
    }

    private var summary: String {
        let flow = flowWidths.map(String.init).joined(separator: "-")
        return "\(name): \(direction.title), ×\(scale), width \(width), "
            + "\(blocks.counted("block")) per branch, flow \(flow)"
            + (flowReduction == 1 ? "" : " of frames reduced by \(flowReduction)")
    }

    private var partTable: TextTable {
        var table = TextTable(["part", "layers", "units", "GMAC", "share", "parameters"])
        let total = Double(max(macsWithFlow, 1))
        func row(_ name: String, _ layers: Int, _ units: Int?, _ macs: Int, _ parameters: Int) {
            table.add([
                name, String(layers), units.map(String.init) ?? "", Self.giga(macs),
                String(format: "%.1f %%", 100 * Double(macs) / total), String(parameters),
            ])
        }
        let flowParts = parts.filter { $0.kind == .flow }
        for part in parts where part.kind != .flow {
            row(part.kind.description, part.layers, part.units, part.macs, part.parameters)
        }
        table.addRule()
        let ownLayers = layers.filter { $0.part != .flow }.count
        row("without flow", ownLayers, units, macs, parameters)
        for part in flowParts {
            let directions = direction.flowDirections > 1 ? ", both directions" : ""
            row(part.kind.description + directions, part.layers, nil, part.macs, part.parameters)
        }
        table.addRule()
        row("with flow", layers.count, units, macsWithFlow, parametersWithFlow)
        return table
    }

    private var layerTable: TextTable {
        var table = TextTable(["layer", "in", "out", "kernel", "size", "GMAC", "parameters"])
        for layer in layers {
            table.add([
                layer.name, String(layer.inputs), String(layer.outputs),
                "\(layer.kernelSize)×\(layer.kernelSize)", layer.size.description,
                Self.giga(layer.macs), String(layer.parameters),
            ])
        }
        return table
    }

    private static func giga(_ macs: Int) -> String {
        let value = Double(macs) / 1e9
        return String(format: value < 1 ? "%.4f" : "%.2f", value)
    }

    /// A metadata entry in lines of at most 100 columns; control characters from a file do not reach the
    /// terminal.
    private static func metadataLines(_ entry: (key: String, value: String)) -> [String] {
        let clean = "\(entry.key): \(entry.value)".unicodeScalars.map {
            $0.properties.generalCategory == .control ? " " : String($0)
        }.joined()
        var lines: [String] = []
        var rest = clean.prefix(2_000)
        while !rest.isEmpty {
            let indent = lines.isEmpty ? "" : "    "
            let room = rest.prefix(100 - indent.count)
            // Between words, but within a word that would leave more than half of the line empty.
            let blank = room.count < rest.count ? room.suffix(50).lastIndex(of: " ") : nil
            let line = blank.map { room[...$0] } ?? room
            lines.append(indent + (blank == nil ? line : line.dropLast()))
            rest = rest.dropFirst(line.count)
        }
        return lines
    }
}
