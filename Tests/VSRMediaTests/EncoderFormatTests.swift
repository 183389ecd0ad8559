import CLibAV
import Testing
import VSRCore

@testable import VSRMedia

@Suite struct EncoderFormatTests {
    private static let even = FrameSize(width: 64, height: 48)

    private static func format(
        _ subsampling: YUVFormat.Subsampling, _ depth: Int, alpha: Bool = false,
        among names: [String], size: FrameSize = even, even: Bool = true
    ) -> String? {
        let formats = names.map { av_get_pix_fmt($0) }
        return EncoderFormat.nearest(
            to: .init(subsampling: subsampling, depth: depth, hasAlpha: alpha), among: formats,
            size: size, needsEvenSides: even
        ).map { LibAV.name(ofPixelFormat: $0.pixelFormat) }
    }

    private static let x264 = [
        "yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "yuv444p", "yuvj444p", "nv12", "nv16",
        "yuv420p10le", "yuv422p10le", "yuv444p10le", "gray", "gray10le",
    ]
    private static let prores = ["yuv422p10le", "yuv444p10le", "yuva444p10le"]
    private static let ffv1 = [
        "yuv444p", "yuva444p", "yuva422p", "yuv422p", "yuv420p", "yuv440p", "yuva420p",
        "yuv420p10le", "yuv422p12le", "yuv444p16le", "yuva444p16le", "yuva420p10le", "bgr0",
        "gbrp10le", "gray16le",
    ]

    @Test func whatTheEncoderHasIsKept() {
        for (subsampling, name) in [
            (YUVFormat.Subsampling.yuv420, "yuv420p"), (.yuv422, "yuv422p"), (.yuv444, "yuv444p"),
        ] {
            #expect(Self.format(subsampling, 8, among: Self.x264) == name)
            #expect(Self.format(subsampling, 10, among: Self.x264) == name + "10le")
            // Nine bits fit into ten; of twelve, ten is the most.
            #expect(Self.format(subsampling, 9, among: Self.x264) == name + "10le")
            #expect(Self.format(subsampling, 12, among: Self.x264) == name + "10le")
        }
    }

    @Test func whatItLacksIsExceededRatherThanLost() {
        #expect(Self.format(.yuv420, 8, among: Self.prores) == "yuv422p10le")
        #expect(Self.format(.yuv444, 8, among: Self.prores) == "yuv444p10le")
        #expect(Self.format(.yuv420, 8, alpha: true, among: Self.prores) == "yuva444p10le")
        #expect(Self.format(.yuv422, 10, among: Self.ffv1) == "yuv422p12le")
        #expect(Self.format(.yuv420, 12, among: Self.ffv1) == "yuv422p12le")
        #expect(Self.format(.yuv422, 10, alpha: true, among: Self.ffv1) == "yuva444p16le")
        #expect(Self.format(.yuv420, 10, alpha: true, among: Self.ffv1) == "yuva420p10le")
        #expect(Self.format(.init(columns: 1, rows: 2), 8, among: Self.ffv1) == "yuv440p")
    }

    @Test func oddSidesHaveNoHalvedColorsWhereTheEncoderRefusesThem() {
        let wide = FrameSize(width: 65, height: 48)
        let high = FrameSize(width: 64, height: 49)
        #expect(Self.format(.yuv420, 8, among: Self.x264, size: wide) == "yuv444p")
        #expect(Self.format(.yuv420, 8, among: Self.x264, size: high) == "yuv422p")
        #expect(Self.format(.yuv420, 8, among: Self.ffv1, size: wide, even: false) == "yuv420p")
        #expect(Self.format(.yuv420, 8, among: ["nv12", "gray", "rgb24"]) == nil)
    }
}
