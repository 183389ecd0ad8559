import Foundation
import Testing
import VSRCore
import VSRModel
import VSRTestSupport

/// Whatever happens to a file, reading it ends in a clear error or in a valid model.
@Suite struct ModelFileMutationTests {
    @Test func mutatedFilesEndInAnErrorOrAValidModel() throws {
        let file = try TemporaryFile([])
        try ModelFile.write(try Model.example(), to: file.path)
        let original = try file.bytes()
        var random = SeededGenerator(seed: 2023)
        var refused = 0
        let count = caseCount(few: 1000, many: 50_000)
        for _ in 0..<count {
            try file.overwrite(mutated(original, &random))
            do {
                try ModelFile.read(file.path).validate()
            } catch let error as VSRError {
                refused += 1
                #expect(error.message.contains(file.path))
            }
        }
        // Most mutations hit the header, and most of those make it invalid; flips within the
        // weights usually leave a valid model.
        #expect((count * 3 / 10..<count).contains(refused), "\(refused) of \(count) were refused")
    }

    private func mutated(_ original: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
        var bytes = original
        let headerSize = 8 + Int(original[0]) + Int(original[1]) << 8
        for _ in 0...random.integer(below: 3) where !bytes.isEmpty {
            switch random.integer(below: 7) {
            case 0:
                bytes[random.integer(below: bytes.count)] ^= 1 << UInt8(random.integer(below: 8))
            case 1: bytes.removeLast(random.integer(below: bytes.count + 1))
            case 2: splice(&bytes, &random)
            case 3:
                bytes[random.integer(below: min(8, bytes.count))] = UInt8(
                    random.integer(below: 256))
            case 4: changeDigit(&bytes, below: headerSize, &random)
            default:
                let alphabet = Array("{}[]\":,0123456789-eE\\u \u{FFFD}F".utf8)
                bytes[random.integer(below: min(headerSize, bytes.count))] =
                    alphabet[random.integer(below: alphabet.count)]
            }
        }
        return bytes
    }

    /// Copies a piece of the file to another place, over what is there or between it.
    private func splice(_ bytes: inout [UInt8], _ random: inout SeededGenerator) {
        let start = random.integer(below: bytes.count)
        let end = start + random.integer(below: min(200, bytes.count - start) + 1)
        let piece = Array(bytes[start..<end])
        let target = random.integer(below: bytes.count)
        let length = random.integer(below: 2) == 0 ? 0 : min(piece.count, bytes.count - target)
        bytes.replaceSubrange(target..<target + length, with: piece)
    }

    /// Changes a digit of the header, which alters sizes, offsets or the blueprint but keeps the
    /// JSON valid.
    private func changeDigit(
        _ bytes: inout [UInt8], below end: Int, _ random: inout SeededGenerator
    ) {
        let digits = bytes.indices.filter {
            (8..<end).contains($0) && (48..<58).contains(bytes[$0])
        }
        guard !digits.isEmpty else { return }
        bytes[digits[random.integer(below: digits.count)]] = 48 + UInt8(random.integer(below: 10))
    }
}
