import Testing
import VSRCore

@Suite struct FrameSizeTests {
    @Test func sizesReadAsPeopleWriteThem() {
        #expect(FrameSize("320x180") == FrameSize(width: 320, height: 180))
        #expect(FrameSize("320x") == nil)
        #expect(FrameSize("0x5") == nil)
        #expect(FrameSize("1x2x3") == nil)
    }
}
