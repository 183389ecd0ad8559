import Foundation
import Testing
import VSRCore
import VSRTestSupport

@testable import VSRModel

@Suite struct SafetensorsTests {
    /// A file of one header text and data bytes, its length field optionally lying.
    private func write(_ header: String, _ data: [UInt8] = [], length: UInt64? = nil) throws
        -> TemporaryFile
    {
        let length = length ?? UInt64(header.utf8.count)
        let bytes = (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }
        return try TemporaryFile(bytes + Array(header.utf8) + data)
    }

    private func tensor(
        _ name: String, _ type: String = "F32", _ shape: String, _ start: Int, _ end: Int
    ) -> String {
        "\"\(name)\":{\"dtype\":\"\(type)\",\"shape\":\(shape),\"data_offsets\":[\(start),\(end)]}"
    }

    @Test func everyFloatingPointTypeIsRead() throws {
        // 1.5 and -2 in each encoding, little-endian, by hand from IEEE 754.
        let data: [UInt8] =
            [0x00, 0x3E, 0x00, 0xC0] + [0xC0, 0x3F, 0x00, 0xC0]
            + [0, 0, 0xC0, 0x3F, 0, 0, 0, 0xC0]
            + [0, 0, 0, 0, 0, 0, 0xF8, 0x3F, 0, 0, 0, 0, 0, 0, 0, 0xC0]
        let entries = [
            tensor("half", "F16", "[2]", 0, 4), tensor("brain", "BF16", "[1,2]", 4, 8),
            tensor("single", "F32", "[2,1]", 8, 16), tensor("double", "F64", "[2]", 16, 32),
        ]
        let file = try write("{\(entries.joined(separator: ","))}", data)
        let safetensors = try SafetensorsFile(path: file.path)
        #expect(safetensors.names == ["brain", "double", "half", "single"])
        for (name, shape) in [
            ("half", [2]), ("brain", [1, 2]), ("single", [2, 1]), ("double", [2]),
        ] {
            #expect(try safetensors.tensor(name) == ModelTensor(shape: shape, values: [1.5, -2]))
        }
    }

    @Test func whatIsWrittenIsReadAndAlwaysTheSame() throws {
        let first = ModelTensor(shape: [2, 3], values: [0, -1, 0.1, 1e-30, 3e38, -0.0])
        let second = ModelTensor(shape: [], values: [7])
        let tensors = [(name: "b \"quoted\" ü", tensor: first), (name: "a", tensor: second)]
        let metadata = ["key": "line\nbreak / \\ \u{1F600}", "other": ""]
        let file = try TemporaryFile([])
        try SafetensorsWriter.write(tensors, metadata: metadata, to: file.path)
        let bytes = try file.bytes()
        try SafetensorsWriter.write(tensors, metadata: metadata, to: file.path)
        #expect(try file.bytes() == bytes)
        let read = try SafetensorsFile(path: file.path)
        #expect(read.metadata == metadata)
        #expect(try read.tensor("a") == second)
        #expect(try read.tensor("b \"quoted\" ü") == first)
        // Tensors start at a multiple of 8 bytes.
        #expect(bytes[0] % 8 == 0)
    }

    @Test func halfPrecisionRoundsToNearestEven() {
        // 1 + 2^-11 lies between 1 and 1 + 2^-10: to even, down; 1 + 3·2^-11 up to 1 + 2·2^-10.
        #expect(HalfPrecision.bits(of: 1 + 0x1p-11) == 0x3C00)
        #expect(HalfPrecision.bits(of: 1 + 3 * 0x1p-11) == 0x3C02)
        #expect(HalfPrecision.bits(of: 65519) == 0x7BFF)
        #expect(HalfPrecision.bits(of: -65520) == 0xFC00)
        #expect(HalfPrecision.bits(of: 0x1p-24) == 1)
        #expect(HalfPrecision.bits(of: 0x1p-25) == 0)
        #expect(HalfPrecision.bits(of: 0x1.ffcp-15) == 0x0400 - 1 + 1)
        #expect(HalfPrecision.bits(of: -0.0) == 0x8000)
        for bits in UInt16(0)...0x7C00 {
            #expect(HalfPrecision.bits(of: HalfPrecision.float(from: bits)) == bits)
            let negative = bits | 0x8000
            #expect(HalfPrecision.bits(of: HalfPrecision.float(from: negative)) == negative)
        }
        #expect(HalfPrecision.float(from: 0x3555) == 0.333251953125)
    }

    @Test(arguments: [
        ("{\(entry("a", 0, 8)),\(entry("b", 4, 12))}", 12, "overlaps"),
        ("{\(entry("a", 0, 8)),\(entry("b", 12, 20))}", 20, "hole"),
        ("{\(entry("a", 4, 12))}", 12, "hole"),
        ("{\(entry("a", 0, 8))}", 12, "4 bytes after"),
        ("{\(entry("a", 0, 8))}", 7, "truncated"),
        ("{\(entry("a", 8, 0))}", 8, "ascending"),
        ("{\(entry("a", 0, 9_223_372_036_854_775_807))}", 8, "within"),
        ("{\(entry("a", 0, 8)),\(entry("a", 0, 8))}", 8, "twice"),
        ("{\(entry("a", 0, 8, shape: "[3]"))}", 8, "shape [3]"),
        ("{\(entry("a", 0, 8, shape: "[4294967296,4294967296,4]"))}", 8, "shape"),
        ("{\(entry("a", 0, 8, shape: "[-2]"))}", 8, "shape"),
        ("{\(entry("a", 0, 8, shape: "[2.0]"))}", 8, "shape"),
        ("{\(entry("a", 0, 8, shape: "[1,1,1,1,1,1,1,1,2]"))}", 8, "shape"),
        ("{\(entry("a", 0, 8, type: "F8_E9"))}", 8, "F8_E9"),
        ("{\"a\":3}", 0, "tensor a"),
        ("{\"a\":{}}", 0, "dtype"),
        ("[]", 0, "object"),
        ("", 0, "JSON"),
        ("{\"a\":", 0, "JSON at byte 5"),
        ("{} x", 0, "after the end"),
        ("{\"__metadata__\":{\"k\":1}}", 0, "metadata key k"),
        ("{\"__metadata__\":[]}", 0, "metadata"),
    ])
    func brokenHeadersAreRefused(_ header: String, _ dataSize: Int, _ reason: String) throws {
        let file = try write(header, Array(repeating: 0, count: dataSize))
        let error = #expect(throws: VSRError.self) { try SafetensorsFile(path: file.path) }
        #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
        #expect(error?.message.contains(file.path) == true)
    }

    private static func entry(
        _ name: String, _ start: Int, _ end: Int, shape: String = "[2]", type: String = "F32"
    ) -> String {
        "\"\(name)\":{\"dtype\":\"\(type)\",\"shape\":\(shape),\"data_offsets\":[\(start),\(end)]}"
    }

    @Test(arguments: [3, 1000, UInt64(Int.max), UInt64.max])
    func headersLongerThanTheFileAreRefused(_ length: UInt64) throws {
        let file = try write("{}", length: length)
        let error = #expect(throws: VSRError.self) { try SafetensorsFile(path: file.path) }
        #expect(error?.message.contains("header of \(length) bytes") == true)
    }

    @Test func textsOfHeadersMustBeWellFormed() throws {
        for text in ["\"\\ud800\"", "\"\\u12g4\"", "\"\\x\"", "\"\u{1}\"", "\"open", "\"\\"] {
            let file = try write("{\(text):1}")
            #expect(throws: VSRError.self) { try SafetensorsFile(path: file.path) }
        }
        let invalid = try TemporaryFile(
            [5, 0, 0, 0, 0, 0, 0, 0] + Array("{\"".utf8) + [0xFF, 0x22, 0x7D])
        #expect(throws: VSRError.self) { try SafetensorsFile(path: invalid.path) }
        let deep = String(repeating: "[", count: 1_000_000)
        let file = try write("{\"a\":\(deep)")
        #expect(throws: VSRError.self) { try SafetensorsFile(path: file.path) }
    }

    @Test func weightsMustBeFiniteFloatingPoint() throws {
        let nan: [UInt8] = [0, 0, 0, 0, 0, 0, 0xC0, 0x7F]
        let file = try write("{\(tensor("a", "F32", "[2]", 0, 8))}", nan)
        let error = #expect(throws: VSRError.self) {
            try SafetensorsFile(path: file.path).tensor("a")
        }
        #expect(error?.message.contains("tensor a of \(file.path) holds nan at element 1") == true)
        // 2^1000 is a finite double, but no finite float.
        let huge: [UInt8] = [0, 0, 0, 0, 0, 0, 0x70, 0x7E]
        let double = try write("{\(tensor("a", "F64", "[1]", 0, 8))}", huge)
        #expect(throws: VSRError.self) { try SafetensorsFile(path: double.path).tensor("a") }
        let integers = try write("{\(tensor("a", "I64", "[1]", 0, 8))}", huge)
        let refused = #expect(throws: VSRError.self) {
            try SafetensorsFile(path: integers.path).tensor("a")
        }
        #expect(refused?.code == .unsupported)
    }

    @Test func pathsThatAreNoFilesAreRefused() {
        let missing = #expect(throws: VSRError.self) { try SafetensorsFile(path: "/no/such/file") }
        #expect(missing?.code == .notFound)
        #expect(throws: VSRError.self) {
            try SafetensorsFile(path: FileManager.default.temporaryDirectory.path)
        }
        #expect(throws: VSRError.self) { try SafetensorsFile(path: "/dev/zero") }
    }
}
