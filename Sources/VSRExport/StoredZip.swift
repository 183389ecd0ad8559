import Foundation
import VSRCore

/// A ZIP file in the making, whose members are stored without compression, their bytes aligned as
/// PyTorch aligns them.
///
/// Source: PKWARE APPNOTE 6.3, section 4.3; the filling is that of PyTorch's `inline_container.cc`.
struct StoredZip {
    /// Members' bytes start at multiples of this, so that readers can map them.
    static let alignment = 64

    private struct Member {
        var name: [UInt8]
        var checksum: UInt32
        var size: Int
        var offset: Int
    }

    private var data = Data()
    private var members: [Member] = []

    mutating func append(_ name: String, _ content: Data) {
        let member = Member(
            name: Array(name.utf8), checksum: CRC32.checksum(content), size: content.count,
            offset: data.count)
        members.append(member)
        append(signature: 0x0403_4B50)
        append(header: member)
        // The filling is an extra field of its own: a name, its length, and letters.
        let headerEnd = data.count + 2 + member.name.count + 4
        let filling = (Self.alignment - headerEnd % Self.alignment) % Self.alignment
        append(UInt16(filling + 4))
        data.append(contentsOf: member.name)
        data.append(contentsOf: Array("FB".utf8))
        append(UInt16(filling))
        data.append(contentsOf: Array(repeating: UInt8(ascii: "Z"), count: filling))
        data.append(content)
    }

    /// The whole file.
    ///
    /// - Throws: `unsupported` naming `path` beyond 4 GB.
    func finished(for path: String) throws -> Data {
        var zip = self
        let start = data.count
        for member in members {
            zip.append(signature: 0x0201_4B50)
            zip.append(UInt16(0))  // made by
            zip.append(header: member)
            zip.append(UInt16(0))  // extra field
            zip.append(UInt16(0))  // comment
            zip.append(UInt16(0))  // disk
            zip.append(UInt16(0))  // internal attributes
            zip.append(UInt32(0))  // external attributes
            zip.append(UInt32(truncatingIfNeeded: member.offset))
            zip.data.append(contentsOf: member.name)
        }
        let size = zip.data.count - start
        guard zip.data.count < UInt32.max, members.count < UInt16.max else {
            throw VSRError(
                .unsupported,
                "\(path) would exceed the 4 GB of a plain ZIP file: store half precision by --half")
        }
        zip.append(signature: 0x0605_4B50)
        zip.append(UInt16(0))  // disk
        zip.append(UInt16(0))  // disk of the directory
        zip.append(UInt16(members.count))
        zip.append(UInt16(members.count))
        zip.append(UInt32(size))
        zip.append(UInt32(start))
        zip.append(UInt16(0))  // comment
        return zip.data
    }

    /// What a member's own header and its entry in the directory share, up to the name's length.
    private mutating func append(header member: Member) {
        append(UInt16(0))  // version needed
        append(UInt16(0))  // flags
        append(UInt16(0))  // stored
        append(UInt16(0))  // time
        append(UInt16(0x21))  // the first of January 1980
        append(member.checksum)
        append(UInt32(truncatingIfNeeded: member.size))
        append(UInt32(truncatingIfNeeded: member.size))
        append(UInt16(member.name.count))
    }

    private mutating func append(signature: UInt32) { append(signature) }

    private mutating func append<Number: FixedWidthInteger>(_ number: Number) {
        withUnsafeBytes(of: number.littleEndian) { data.append(contentsOf: $0) }
    }
}

/// The checksum of ZIP files.
enum CRC32 {
    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in
            value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1
        }
    }

    static func checksum(_ data: Data) -> UInt32 {
        data.withUnsafeBytes { bytes in
            Self.table.withUnsafeBufferPointer { table in
                ~bytes.reduce(UInt32.max) { $0 >> 8 ^ table[Int(($0 ^ UInt32($1)) & 0xFF)] }
            }
        }
    }
}
