import Foundation
import VSRCore
import VSRModel

/// A checkpoint in one file: a line that names the format, the length of a JSON header, the header,
/// the values, and a checksum over all of it.
///
/// All numbers are little-endian.
enum CheckpointFile {
    private static let magic = Data("SlimVSR checkpoint 1\n".utf8)

    private struct Header: Codable {
        struct Entry: Codable {
            var name: String
            var shape: [Int]
        }

        var stage: String
        var iteration: Int
        var configuration: String
        var blueprint: String
        var extras: [String: String]
        var generators: [String: [UInt8]]
        var tensors: [Entry]
    }

    /// Writes the checkpoint, whole or not at all.
    static func write(_ checkpoint: Checkpoint, to path: String) throws {
        let names = checkpoint.tensors.keys.sorted()
        let header = Header(
            stage: checkpoint.stage, iteration: checkpoint.iteration,
            configuration: checkpoint.configuration, blueprint: checkpoint.blueprint,
            extras: checkpoint.extras, generators: checkpoint.generators,
            tensors: names.map {
                Header.Entry(name: $0, shape: checkpoint.tensors[$0]?.shape ?? [])
            })
        let json = Data(try JSONText.text(header, .compact).utf8)
        var data = magic
        withUnsafeBytes(of: UInt64(json.count).littleEndian) { data.append(contentsOf: $0) }
        data.append(json)
        for name in names {
            checkpoint.tensors[name]?.values.withUnsafeBytes { data.append(contentsOf: $0) }
        }
        withUnsafeBytes(of: checksum(data).littleEndian) { data.append(contentsOf: $0) }
        try AtomicFile.write(data, to: path)
    }

    /// Reads a checkpoint and checks every byte of it.
    ///
    /// - Throws: `io` if the file cannot be read, `corruptData` naming it if it is not whole.
    static func read(_ path: String) throws -> Checkpoint {
        let data: Data
        do {
            data = try Data(contentsOf: URL(fileURLWithPath: path))
        } catch {
            throw VSRError(.io, "cannot read the checkpoint \(path)", cause: error)
        }
        return try parse(data, path: path)
    }

    /// The checkpoint in the bytes of the file at `path`.
    static func parse(_ data: Data, path: String) throws -> Checkpoint {
        let start = magic.count + 8
        guard data.count >= start + 8, data.prefix(magic.count) == magic else {
            throw corrupt(path, "it does not start as checkpoints do")
        }
        let body = data.prefix(data.count - 8)
        guard checksum(body) == integer(in: data, at: data.count - 8) else {
            throw corrupt(path, "its checksum does not match")
        }
        let length = integer(in: data, at: magic.count)
        guard length <= UInt64(body.count - start) else {
            throw corrupt(path, "its header is longer than the file")
        }
        let end = start + Int(length)
        let header = try JSONText.decode(
            Header.self, from: data[start..<end], in: path, as: "header of a checkpoint")
        return Checkpoint(
            stage: header.stage, iteration: header.iteration,
            configuration: header.configuration, blueprint: header.blueprint,
            extras: header.extras, tensors: try tensors(header.tensors, in: body, at: end, path),
            generators: header.generators)
    }

    private static func tensors(
        _ entries: [Header.Entry], in body: Data, at start: Int, _ path: String
    ) throws -> [String: ModelTensor] {
        var offset = start
        var tensors: [String: ModelTensor] = [:]
        for entry in entries {
            var count = 1
            for side in entry.shape {
                let (product, overflow) = count.multipliedReportingOverflow(by: side)
                guard side >= 0, !overflow else { throw corrupt(path, "a shape is impossible") }
                count = product
            }
            guard count <= (body.count - offset) / 4 else {
                throw corrupt(path, "its values end early")
            }
            let values = [Float](unsafeUninitializedCapacity: count) { buffer, filled in
                body.copyBytes(to: buffer, from: offset..<offset + 4 * count)
                filled = count
            }
            tensors[entry.name] = ModelTensor(shape: entry.shape, values: values)
            offset += 4 * count
        }
        guard offset == body.count else { throw corrupt(path, "it holds more than it names") }
        return tensors
    }

    private static func corrupt(_ path: String, _ reason: String) -> VSRError {
        VSRError(.corruptData, "\(path) is not a whole checkpoint: \(reason)")
    }

    private static func integer(in data: Data, at offset: Int) -> UInt64 {
        data[offset..<offset + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// FNV-1a over eight bytes at a time.
    private static func checksum(_ data: Data) -> UInt64 {
        data.withUnsafeBytes { bytes in
            var hash: UInt64 = 0xcbf2_9ce4_8422_2325
            let words = bytes.count / 8
            for index in 0..<words {
                let word = bytes.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self)
                hash = (hash ^ UInt64(littleEndian: word)) &* 0x100_0000_01b3
            }
            for byte in bytes[(8 * words)...] { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
            return hash
        }
    }
}
