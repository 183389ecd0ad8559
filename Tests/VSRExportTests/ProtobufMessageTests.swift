import Testing

@testable import VSRExport

/// Expected bytes are those of protobuf.dev's "Encoding", or by hand from its rules.
@Suite struct ProtobufMessageTests {
    @Test func anIntegerIsAVarint() {
        var message = ProtobufMessage()
        message.append(1, 150)
        #expect(message.bytes == [0x08, 0x96, 0x01])
    }

    @Test func negativeIntegersTakeTenBytes() {
        var message = ProtobufMessage()
        message.append(1, -2)
        #expect(message.bytes == [0x08, 0xFE] + Array(repeating: 0xFF, count: 8) + [0x01])
    }

    @Test func textsComeAfterTheirLength() {
        var message = ProtobufMessage()
        message.append(2, "testing")
        #expect(message.bytes == [0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6E, 0x67])
    }

    @Test func messagesNest() {
        var inner = ProtobufMessage()
        inner.append(1, 150)
        var outer = ProtobufMessage()
        outer.append(3, inner)
        #expect(outer.bytes == [0x1A, 0x03, 0x08, 0x96, 0x01])
    }

    /// 1.5 is 0x3FC00000; field 20 and wire type 5 make the tag 165, which takes two bytes.
    @Test func floatsAreFourBytesLowestFirst() {
        var message = ProtobufMessage()
        message.append(20, Float(1.5))
        #expect(message.bytes == [0xA5, 0x01, 0x00, 0x00, 0xC0, 0x3F])
    }

    @Test func zeroAndNothingAreWritten() {
        var message = ProtobufMessage()
        message.append(1, 0)
        message.append(2, "")
        #expect(message.bytes == [0x08, 0x00, 0x12, 0x00])
    }

    @Test func whatIsWrittenIsReadAgain() throws {
        var message = ProtobufMessage()
        message.append(3, Int.max)
        message.append(1, Array(repeating: UInt8(7), count: 300))
        message.append(2, Float(-0.25))
        let reader = try ProtobufReader(message.bytes)
        #expect(reader.integers(3) == [Int.max])
        #expect(reader.contents(1) == [Array(repeating: 7, count: 300)])
        #expect(reader.float(2) == -0.25)
    }
}
