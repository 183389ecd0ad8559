import Foundation
import VSRCore

// As a file: `VSRSTATE`, the length of a JSON header in 4 bytes, the header, then all samples; little
// endian.
extension CarriedStates {
    private struct Header: Codable {
        struct Entry: Codable {
            var name: String
            var count: Int
        }

        var planes: [Entry]
        /// Of the samples' bits; see `WordHash`.
        var hash: String
    }

    private static let mark = Data("VSRSTATE".utf8)

    /// Writes a file, plane after plane.
    ///
    /// - Throws: `io`.
    public func write(to path: String) throws {
        let names = planes.keys.sorted()
        let lists = names.map { planes[$0] ?? [] }
        do {
            let header = try JSONEncoder().encode(
                Header(
                    planes: zip(names, lists).map { .init(name: $0, count: $1.count) },
                    hash: Self.hash(lists)))
            var start = Self.mark
            withUnsafeBytes(of: UInt32(header.count).littleEndian) { start.append(contentsOf: $0) }
            FileManager.default.createFile(atPath: path, contents: start + header)
            let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
            defer { try? file.close() }
            try file.seekToEnd()
            for list in lists {
                try list.withUnsafeBytes { bytes in
                    guard let base = bytes.baseAddress, bytes.count > 0 else { return }
                    try file.write(
                        contentsOf: Data(
                            bytesNoCopy: UnsafeMutableRawPointer(mutating: base),
                            count: bytes.count, deallocator: .none))
                }
            }
        } catch {
            throw VSRError(
                .io, "cannot write \(path): the disk may be full or the folder read-only",
                cause: error)
        }
    }

    /// - Throws: `corruptData` naming the file.
    public init(data: Data, of path: String) throws {
        func damaged() -> VSRError {
            VSRError(
                .corruptData,
                "\(path) is damaged, so that the run cannot go on from there: remove its folder and "
                    + "begin anew")
        }
        guard data.count >= 12, data.prefix(8) == Self.mark else { throw damaged() }
        let length = data.withUnsafeBytes {
            Int(UInt32(littleEndian: $0.loadUnaligned(fromByteOffset: 8, as: UInt32.self)))
        }
        guard length <= data.count - 12,
            let header = try? JSONDecoder().decode(
                Header.self, from: data.dropFirst(12).prefix(length))
        else { throw damaged() }
        var offset = 12 + length
        var lists: [[Float]] = []
        for entry in header.planes {
            guard entry.count >= 0, entry.count <= (data.count - offset) / 4 else {
                throw damaged()
            }
            lists.append(
                [Float](unsafeUninitializedCapacity: entry.count) { buffer, count in
                    let range =
                        data.startIndex + offset..<data.startIndex + offset + 4 * entry.count
                    count = data.copyBytes(to: buffer, from: range) / 4
                })
            offset += 4 * entry.count
        }
        guard offset == data.count, Self.hash(lists) == header.hash else { throw damaged() }
        planes = Dictionary(
            zip(header.planes.map(\.name), lists), uniquingKeysWith: { first, _ in first })
    }

    private static func hash(_ lists: [[Float]]) -> String {
        var hash = WordHash()
        for list in lists {
            for value in list { hash.add(UInt64(value.bitPattern)) }
            hash.add(UInt64(list.count))
        }
        return hash.digits
    }
}
