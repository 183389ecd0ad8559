import Foundation
import Testing
import VSRCore
import VSRTestSupport

@testable import VSRModel

/// Whatever a checkpoint contains, reading it runs nothing, ends soon, and ends in a clear error or
/// in finite tensors.
@Suite struct TorchCheckpointMutationTests {
    @Test(arguments: ["half", "mmagic", "legacy", "module", "protocol4", "python2", "lightning"])
    func mutatedCheckpointsEndInAnErrorOrFiniteTensors(_ name: String) throws {
        let original = [UInt8](
            try Data(contentsOf: URL(fileURLWithPath: CheckpointFixture.path(name))))
        let file = try TemporaryFile([])
        var random = SeededGenerator(seed: 7)
        for _ in 0..<caseCount(few: 500, many: 20_000) {
            try file.overwrite(mutated(original, &random))
            do {
                let source = try WeightsFile.open(file.path)
                for name in source.names {
                    let tensor = try source.tensor(name)
                    #expect(!tensor.values.contains { !$0.isFinite })
                }
            } catch let error as VSRError {
                #expect(error.message.contains(file.path), "\(error.message)")
            }
        }
    }

    private func mutated(_ original: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
        var bytes = original
        for _ in 0...random.integer(below: 4) where bytes.count > 4 {
            // Not the first bytes, which tell the format.
            let position = 4 + random.integer(below: bytes.count - 4)
            switch random.integer(below: 8) {
            case 0: bytes.removeLast(bytes.count - position)
            case 1:
                let end = min(bytes.count, position + random.integer(below: 64))
                bytes.replaceSubrange(position..<end, with: bytes[4..<min(bytes.count, 36)])
            case 2...4: bytes[position] ^= 1 << UInt8(random.integer(below: 8))
            case 5: bytes[position] = 0xFF
            default: bytes[position] = UInt8(random.integer(below: 256))
            }
        }
        return bytes
    }

    private func load(_ pickle: [UInt8]) throws -> PickleValue {
        var unpickler = Unpickler(ByteReader(pickle, "x.pth"))
        return try unpickler.load()
    }

    @Test func callsAreNeverMade() throws {
        // c os system ( U "id" t R: what a malicious pickle does.
        let pickle = Array("cos\nsystem\n(U".utf8) + [2] + Array("idtR.".utf8)
        guard case .opaque("os.system") = try load(pickle) else {
            Issue.record("os.system became something else than an opaque object")
            return
        }
    }

    @Test func endlessStructuresEnd() throws {
        // A million nested tuples; a list within itself; a million marks.
        let nested = [UInt8(ascii: ")")] + Array(repeating: 0x85, count: 1_000_000) + [0x2E]
        guard case .tuple = try load(nested) else {
            Issue.record("nested tuples became something else")
            return
        }
        guard
            case .list = try load(Array("]q".utf8) + [0] + Array("h".utf8) + [0] + Array("a.".utf8))
        else {
            Issue.record("a list within itself became something else")
            return
        }
        let marks = Array(repeating: UInt8(ascii: "("), count: 2_000_000)
        #expect(throws: VSRError.self) { try load(marks) }
        // Each instruction doubles the stack's tail into a new tuple: 4 million values are refused.
        let wide = Array(repeating: UInt8(ascii: ")"), count: 5_000_000)
        #expect(throws: VSRError.self) { try load(wide) }
    }

    @Test func dictionariesThatMultiplyAreRefused() throws {
        // d₀ = {}, d₁ = {a: d₀, b: d₀, … 40 times}, … : 40⁷ visits within the greatest depth.
        var pickle: [UInt8] = [0x80, 2, UInt8(ascii: "}"), UInt8(ascii: "q"), 0, 0x30]
        for level in UInt8(1)...7 {
            pickle += [UInt8(ascii: "}"), UInt8(ascii: "(")]
            for key in UInt8(0)..<40 {
                pickle += [UInt8(ascii: "X"), 1, 0, 0, 0, 48 + key, UInt8(ascii: "h"), level - 1]
            }
            pickle += [UInt8(ascii: "u"), UInt8(ascii: "q"), level, 0x30]
        }
        pickle += [UInt8(ascii: "h"), 7, 0x2E]
        let magic: [UInt8] = TorchCheckpoint.legacyMagic + Array(repeating: 0, count: 10) + [0x2E]
        let small: [UInt8] = [0x80, 2, UInt8(ascii: "N"), 0x2E]
        let file = try TemporaryFile(magic + small + small + pickle + small)
        let error = #expect(throws: VSRError.self) { try WeightsFile.open(file.path) }
        #expect(error?.message.contains("without end") == true, "\(error?.message ?? "")")
    }

    @Test func aKeyWithoutAValueIsRefused() throws {
        // {} with a single element "w" appended, as if it were a list.
        let text: [UInt8] = [UInt8(ascii: "X"), 1, 0, 0, 0, UInt8(ascii: "w")]
        let pickle: [UInt8] = [0x80, 2, UInt8(ascii: "}")] + text + Array("a.".utf8)
        let magic: [UInt8] = TorchCheckpoint.legacyMagic + Array(repeating: 0, count: 10) + [0x2E]
        let small: [UInt8] = [0x80, 2, UInt8(ascii: "N"), 0x2E]
        let file = try TemporaryFile(magic + small + small + pickle + small)
        let error = #expect(throws: VSRError.self) { try WeightsFile.open(file.path) }
        #expect(error?.message.contains("a key that has no value") == true)
    }

    /// A legacy checkpoint of one tensor `w`, as PyTorch writes it, with chosen numbers.
    private func checkpoint(
        offset: UInt32, shape: UInt32, stride: UInt32, storage: UInt32, data: [UInt8]
    ) throws -> TemporaryFile {
        func text(_ text: String) -> [UInt8] {
            [UInt8(ascii: "X")] + integer(UInt32(text.utf8.count)).dropFirst() + Array(text.utf8)
        }
        func integer(_ value: UInt32) -> [UInt8] {
            [UInt8(ascii: "J")] + (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        }
        let magic: [UInt8] = TorchCheckpoint.legacyMagic + Array(repeating: 0, count: 10) + [0x2E]
        let small: [UInt8] = [0x80, 2, UInt8(ascii: "N"), 0x2E]
        var object: [UInt8] = [0x80, 2] + Array("}".utf8) + text("w")
        object += Array("ctorch._utils\n_rebuild_tensor_v2\n((".utf8) + text("storage")
        object += Array("ctorch\nFloatStorage\n".utf8) + text("0") + text("cpu") + integer(storage)
        object += Array("NtQ".utf8) + integer(offset) + integer(shape) + [0x85]
        object += integer(stride) + [0x85, 0x89] + Array("NtRs.".utf8)
        let keys: [UInt8] = [0x80, 2] + Array("]".utf8) + text("0") + Array("a.".utf8)
        let count = (0..<8).map { UInt8(truncatingIfNeeded: UInt64(data.count / 4) >> (8 * $0)) }
        return try TemporaryFile(magic + small + small + object + keys + count + data)
    }

    /// Four elements 0, 1, 2, 3.
    private let data: [UInt8] = [0, 0, 0, 0, 0, 0, 128, 63, 0, 0, 0, 64, 0, 0, 64, 64]

    @Test func viewsAreReadByOffsetAndStride() throws {
        let file = try checkpoint(offset: 1, shape: 2, stride: 2, storage: 4, data: data)
        #expect(
            try WeightsFile.open(file.path).tensor("w") == ModelTensor(shape: [2], values: [1, 3]))
    }

    @Test(
        arguments: [
            (4, 1, 1, 4), (0, 5, 1, 4), (0, 2, 4, 4), (0, 0x7FFF_FFFF, 0, 4), (0, 5, 0, 4),
            (0xFFFF_FFFF, 2, 1, 4), (0, 2, 0xFFFF_FFFF, 4), (0, 0xFFFF_FFFF, 1, 4), (0, 5, 1, 5),
            (0, 2, 1, 0xFFFF_FFFF), (0x7FFF_FFFF, 2, 0x7FFF_FFFF, 0x7FFF_FFFF),
        ] as [(UInt32, UInt32, UInt32, UInt32)])
    func viewsBeyondTheStorageAreRefused(
        _ offset: UInt32, _ shape: UInt32, _ stride: UInt32, _ storage: UInt32
    ) throws {
        let file = try checkpoint(
            offset: offset, shape: shape, stride: stride, storage: storage, data: data)
        let source = try WeightsFile.open(file.path)
        let error = #expect(throws: VSRError.self) { try source.tensor("w") }
        #expect(error?.message.contains("tensor w of \(file.path)") == true)
    }

    @Test func emptyViewsReadNothing() throws {
        let file = try checkpoint(
            offset: 0x7FFF_FFFF, shape: 0, stride: 1, storage: 4, data: data)
        #expect(try WeightsFile.open(file.path).tensor("w") == ModelTensor(shape: [0], values: []))
    }
}
