import Foundation
import VSRCore

/// The entries of a folder in the order people expect.
public enum FolderListing {
    /// Names in natural order, hidden ones left out.
    ///
    /// - Throws: `notFound` if `folder` is not a readable folder.
    public static func entries(of folder: String) throws -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: folder)
                .filter { !$0.hasPrefix(".") }.sorted(by: precedes)
        } catch {
            throw VSRError(.notFound, "cannot read the folder \(folder)", cause: error)
        }
    }

    /// Natural order: runs of digits count as numbers (`f2` before `f10`), the rest byte by byte.
    ///
    /// Equal numbers of different lengths (`01`, `1`) are told apart by the plain byte order.
    public static func precedes(_ a: String, _ b: String) -> Bool {
        let left = Array(a.utf8)
        let right = Array(b.utf8)
        var i = 0
        var j = 0
        while i < left.count, j < right.count {
            if isDigit(left[i]), isDigit(right[j]) {
                let first = digits(left, from: &i)
                let second = digits(right, from: &j)
                if first.count != second.count { return first.count < second.count }
                if first != second { return first.lexicographicallyPrecedes(second) }
            } else {
                if left[i] != right[j] { return left[i] < right[j] }
                i += 1
                j += 1
            }
        }
        if (i < left.count) != (j < right.count) { return j < right.count }
        return left.lexicographicallyPrecedes(right)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }

    /// The run of digits at `index` without leading zeros; moves `index` behind it.
    private static func digits(_ text: [UInt8], from index: inout Int) -> ArraySlice<UInt8> {
        var end = index
        while end < text.count, isDigit(text[end]) { end += 1 }
        defer { index = end }
        return text[index..<end].drop { $0 == 48 }
    }
}
