import Foundation
import VSRCore

/// Values that the scripts in `scripts/reference` computed.
enum Fixture {
    static func load<Value: Decodable>(_ name: String, as type: Value.Type) throws -> Value {
        let folder = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Fixtures/VSRImaging")
        return try JSONDecoder().decode(
            type, from: Data(contentsOf: folder.appendingPathComponent(name)))
    }
}

extension ByteFrame {
    /// Random samples, as the reference scripts draw them.
    init(seed: UInt64, size: FrameSize) {
        var generator = SeededGenerator(seed: seed)
        self.init(
            size: size,
            samples: (0..<3 * size.area).map { _ in UInt8(generator.next() >> 56) })
    }
}
