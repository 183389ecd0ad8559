import CLibAV
import Foundation
import Testing
import VSRCore

@testable import VSRMedia

/// Color bars at 75 %, as 8-bit limited-range code values.
///
/// Source: the matrices of ITU-R BT.601-7 and BT.709-6 worked out by hand; the tables are those of
/// EBU Tech 3325 and SMPTE RP 219.
private let bars: [(rgb: [Float], bt601: [UInt8], bt709: [UInt8])] = [
    ([0.75, 0.75, 0.75], [180, 128, 128], [180, 128, 128]),
    ([0.75, 0.75, 0], [162, 44, 142], [168, 44, 136]),
    ([0, 0.75, 0.75], [131, 156, 44], [145, 147, 44]),
    ([0, 0.75, 0], [112, 72, 58], [133, 63, 52]),
    ([0.75, 0, 0.75], [84, 184, 198], [63, 193, 204]),
    ([0.75, 0, 0], [65, 100, 212], [51, 109, 212]),
    ([0, 0, 0.75], [35, 212, 114], [28, 212, 120]),
    ([0, 0, 0], [16, 128, 128], [16, 128, 128]),
]

@Suite struct ColorConversionTests {
    /// A picture whose planes are constant.
    static func picture(
        _ format: AVPixelFormat, _ size: FrameSize, _ levels: [Int]
    ) throws -> AVFrameBox {
        let box = try AVFrameBox()
        box.pointer.pointee.format = format.rawValue
        box.pointer.pointee.width = Int32(size.width)
        box.pointer.pointee.height = Int32(size.height)
        try LibAV.check(av_frame_get_buffer(box.pointer, 0), "test picture")
        // libav's line writer sets bits and clears none.
        for plane in 0..<4 {
            guard let buffer = av_frame_get_plane_buffer(box.pointer, Int32(plane)) else {
                continue
            }
            memset(buffer.pointee.data, 0, Int(buffer.pointee.size))
        }
        let descriptor = try LibAV.allocated(av_pix_fmt_desc_get(format))
        for component in 0..<min(levels.count, Int(descriptor.pointee.nb_components)) {
            let isColor = component == 1 || component == 2
            let width = isColor ? size.width >> Int(descriptor.pointee.log2_chroma_w) : size.width
            let height =
                isColor ? size.height >> Int(descriptor.pointee.log2_chroma_h) : size.height
            let row = [UInt16](repeating: UInt16(levels[component]), count: width)
            for y in 0..<height {
                withUnsafeMutableBytes(of: &box.pointer.pointee.data) { data in
                    withUnsafeBytes(of: box.pointer.pointee.linesize) { strides in
                        av_write_image_line2(
                            row, data.bindMemory(to: UnsafeMutablePointer<UInt8>?.self).baseAddress,
                            strides.bindMemory(to: Int32.self).baseAddress, descriptor, 0, Int32(y),
                            Int32(component), Int32(width), 2)
                    }
                }
            }
        }
        return box
    }

    /// The color of a constant picture, after checking that it is constant.
    static func color(
        _ format: AVPixelFormat, _ levels: [Int], _ tags: ColorTags
    ) throws -> [Float] {
        let size = FrameSize(width: 8, height: 6)
        let box = try picture(format, size, levels)
        let frame = try DecodedPictureReader(name: "test", color: tags).frame(box.pointer)
        return (0..<3).map { channel in
            let plane = frame.plane(channel)
            let first = plane[plane.startIndex]
            // Interpolating equal values with weights that sum to 1 costs a few roundings.
            #expect(plane.allSatisfy { abs($0 - first) < 1e-6 })
            return first
        }
    }

    @Test func colorBarsAreEncodedToTheirCodeValues() throws {
        let size = FrameSize(width: 8, height: 4)
        for (matrix, column) in [
            (6, \(rgb: [Float], bt601: [UInt8], bt709: [UInt8]).bt601),
            (1, \.bt709),
        ] {
            let tags = ColorTags(matrix: matrix, isFullRange: false)
            for bar in bars {
                let filler = try PictureFiller(
                    size: size, depth: 8, factorX: 2, factorY: 2, tags: tags, name: "test")
                let box = try Self.picture(AV_PIX_FMT_YUV420P, size, [0, 0, 0])
                let samples = bar.rgb.flatMap { Array(repeating: $0, count: size.area) }
                filler.fill(box.pointer, with: Frame(size: size, samples: samples))
                let expected = bar[keyPath: column]
                let data = box.pointer.pointee.data
                let strides = box.pointer.pointee.linesize
                for y in 0..<4 {
                    for x in 0..<8 { #expect(data.0?[y * Int(strides.0) + x] == expected[0]) }
                }
                for y in 0..<2 {
                    for x in 0..<4 {
                        #expect(data.1?[y * Int(strides.1) + x] == expected[1])
                        #expect(data.2?[y * Int(strides.2) + x] == expected[2])
                    }
                }
            }
        }
    }

    @Test func colorBarsAreDecodedFromTheirCodeValues() throws {
        // Code values are rounded by up to 0.5, which the matrices turn into at most
        // 0.5/219 + 2.13 · 0.5/224 < 0.0071 (blue of BT.2020 and below).
        for bar in bars {
            for (matrix, levels) in [(5, bar.bt601), (6, bar.bt601), (1, bar.bt709)] {
                for format in [AV_PIX_FMT_YUV420P, AV_PIX_FMT_YUV422P, AV_PIX_FMT_YUV444P] {
                    let decoded = try Self.color(
                        format, levels.map(Int.init),
                        ColorTags(matrix: matrix, isFullRange: false))
                    for (value, wanted) in zip(decoded, bar.rgb) {
                        #expect(abs(value - wanted) < 0.0071)
                    }
                }
            }
        }
    }

    @Test func rangesMapBlackAndWhiteExactly() throws {
        let limited = ColorTags(matrix: 1, isFullRange: false)
        let full = ColorTags(matrix: 1, isFullRange: true)
        let cases: [(AVPixelFormat, [Int], ColorTags, Float)] = [
            (AV_PIX_FMT_YUV420P, [16, 128, 128], limited, 0),
            (AV_PIX_FMT_YUV420P, [235, 128, 128], limited, 1),
            (AV_PIX_FMT_YUV420P, [0, 128, 128], full, 0),
            (AV_PIX_FMT_YUV420P, [255, 128, 128], full, 1),
            (AV_PIX_FMT_YUV420P10LE, [64, 512, 512], limited, 0),
            (AV_PIX_FMT_YUV422P10LE, [940, 512, 512], limited, 1),
            (AV_PIX_FMT_YUV444P10LE, [1023, 512, 512], full, 1),
            (AV_PIX_FMT_NV12, [235, 128, 128], limited, 1),
            (AV_PIX_FMT_P010LE, [940, 512, 512], limited, 1),
            (AV_PIX_FMT_YUYV422, [16, 128, 128], limited, 0),
            (AV_PIX_FMT_GRAY8, [255], ColorTags(), 1),
            (AV_PIX_FMT_GRAY16BE, [65535], ColorTags(), 1),
            (AV_PIX_FMT_RGB24, [255, 255, 255], ColorTags(), 1),
            (AV_PIX_FMT_RGB48BE, [65535, 65535, 65535], ColorTags(), 1),
        ]
        for (format, levels, tags, expected) in cases {
            let color = try Self.color(format, levels, tags)
            for value in color {
                #expect(abs(value - expected) < 1e-6, "\(LibAV.name(ofPixelFormat: format))")
            }
        }
    }

    @Test func primariesOfEveryMatrixAreDecodedByHand() throws {
        // Y, Cb, Cr of pure red in full range at 16 bits: Kr, -Kr / (2 (1 - Kb)), 1/2.
        for (matrix, kr, kb) in [
            (1, 0.2126, 0.0722), (4, 0.30, 0.11), (6, 0.299, 0.114), (7, 0.212, 0.087),
            (9, 0.2627, 0.0593),
        ] {
            let levels = [kr, 0.5 - kr / (2 * (1 - kb)), 1].map { $0 * 65535 }
            let color = try Self.color(
                AV_PIX_FMT_YUV444P16LE, levels.map { Int($0.rounded()) },
                ColorTags(matrix: matrix, isFullRange: true))
            // The neutral level is 32768 of 65535: half a step off the center, times up to 2.
            #expect(abs(color[0] - 1) < 5e-5 && abs(color[1]) < 5e-5 && abs(color[2]) < 5e-5)
        }
        // YCgCo of green: Y = 1/2, Cg = 1/2, Co = 0.
        let green = try Self.color(
            AV_PIX_FMT_YUV444P16LE, [32768, 65535, 32768],
            ColorTags(matrix: 8, isFullRange: true))
        #expect(abs(green[0]) < 5e-5 && abs(green[1] - 1) < 5e-5 && abs(green[2]) < 5e-5)
    }

    @Test func untaggedStreamsAreReadByTheirSize() {
        let open = ColorTags()
        #expect(open.resolved(for: FrameSize(width: 720, height: 576)).matrix == 6)
        #expect(open.resolved(for: FrameSize(width: 720, height: 577)).matrix == 1)
        #expect(open.resolved(for: FrameSize(width: 1280, height: 2)).matrix == 1)
        #expect(open.resolved(for: FrameSize(width: 8, height: 8)).isFullRange == false)
        let tagged = ColorTags(matrix: 9, isFullRange: true)
        #expect(tagged.resolved(for: FrameSize(width: 8, height: 8)) == tagged)
    }

    @Test func nonLinearMatricesAndFloatFormatsAreRefused() throws {
        for matrix in [10, 14] {
            let error = #expect(throws: VSRError.self) {
                try Self.color(
                    AV_PIX_FMT_YUV420P, [16, 128, 128],
                    ColorTags(matrix: matrix, isFullRange: false))
            }
            #expect(error?.code == .unsupported)
        }
        let error = #expect(throws: VSRError.self) {
            try Self.color(AV_PIX_FMT_GRAYF32LE, [], ColorTags())
        }
        #expect(error?.code == .unsupported)
    }
}
