import CLibAV
import Foundation
import Testing
import VSRCore
import VSRModel
import VSRTestSupport

@testable import VSRMedia
@testable import VSRRuntime

/// Pictures of libav, handed to the runtime as they are and through VSRMedia's own path.
@Suite struct YUVPictureTests {
    private static let sizes = [(1, 1), (3, 5), (7, 4), (16, 6), (5, 37)]
        .map { FrameSize(width: $0, height: $1) }

    /// libav's formats and what the runtime calls them; the last two have interleaved colors.
    private static let formats: [(AVPixelFormat, YUVFormat.Subsampling, Int)] = [
        (AV_PIX_FMT_YUV420P, .yuv420, 8), (AV_PIX_FMT_YUV422P, .yuv422, 8),
        (AV_PIX_FMT_YUV444P, .yuv444, 8), (AV_PIX_FMT_YUV420P10LE, .yuv420, 10),
        (AV_PIX_FMT_YUV422P10LE, .yuv422, 10), (AV_PIX_FMT_YUV444P10LE, .yuv444, 10),
        (AV_PIX_FMT_NV12, .yuv420, 8), (AV_PIX_FMT_NV24, .yuv444, 8),
    ]

    private static let tags = [
        ColorTags(matrix: 1, isFullRange: false, chromaLocation: 1),
        ColorTags(matrix: 6, isFullRange: true, chromaLocation: 2),
        ColorTags(matrix: 9, isFullRange: false, chromaLocation: 3),
    ]

    /// A picture of random samples.
    private func picture(
        _ format: AVPixelFormat, _ size: FrameSize, depth: Int, seed: UInt64
    ) throws -> AVFrameBox {
        var random = SeededGenerator(seed: seed)
        let box = try AVFrameBox()
        box.pointer.pointee.format = format.rawValue
        box.pointer.pointee.width = Int32(size.width)
        box.pointer.pointee.height = Int32(size.height)
        try LibAV.check(av_frame_get_buffer(box.pointer, 0), "test picture")
        for plane in 0..<3 {
            guard let buffer = av_frame_get_plane_buffer(box.pointer, Int32(plane)) else {
                continue
            }
            for index in 0..<Int(buffer.pointee.size) {
                // The upper byte of 10-bit samples is below 4.
                let isUpper = depth > 8 && index % 2 == 1
                buffer.pointee.data[index] = UInt8(random.integer(below: isUpper ? 4 : 256))
            }
        }
        return box
    }

    /// The planes of a picture, up to the end of their last rows.
    private func planes(
        _ box: AVFrameBox, _ size: FrameSize, _ format: YUVFormat, isInterleaved: Bool
    ) throws -> (memory: [UnsafeMutableRawBufferPointer], rowBytes: YUVRowBytes) {
        let data = box.pointer.pointee.data
        let strides = box.pointer.pointee.linesize
        let chroma = format.subsampling.chromaSize(for: size)
        func plane(
            _ base: UnsafeMutablePointer<UInt8>?, _ stride: Int32, _ size: FrameSize, _ step: Int
        ) throws -> UnsafeMutableRawBufferPointer {
            UnsafeMutableRawBufferPointer(
                start: try #require(base),
                count: Int(stride) * (size.height - 1)
                    + size.width * step * format.bytesPerSample)
        }
        var memory = [try plane(data.0, strides.0, size, 1)]
        memory.append(try plane(data.1, strides.1, chroma, isInterleaved ? 2 : 1))
        if !isInterleaved { memory.append(try plane(data.2, strides.2, chroma, 1)) }
        return (memory, YUVRowBytes(y: Int(strides.0), u: Int(strides.1), v: Int(strides.2)))
    }

    private func source(
        _ box: AVFrameBox, _ size: FrameSize, _ format: YUVFormat, isInterleaved: Bool
    ) throws -> PictureSource {
        let (memory, rowBytes) = try planes(box, size, format, isInterleaved: isInterleaved)
        let readable = memory.map { UnsafeRawBufferPointer($0) }
        if isInterleaved {
            return try .yuv(
                readable[0], interleaved: readable[1], size: size, format: format,
                rowBytes: rowBytes)
        }
        return try .yuv(
            readable[0], readable[1], readable[2], size: size, format: format, rowBytes: rowBytes)
    }

    @Test(arguments: tags, sizes)
    func aDecodersPlanesGiveTheFramesOfVSRMedia(tags: ColorTags, size: FrameSize) throws {
        for (index, (pixelFormat, subsampling, depth)) in Self.formats.enumerated() {
            let format = try tags.format(subsampling, depth: depth, of: "test")
            let box = try picture(pixelFormat, size, depth: depth, seed: UInt64(index))
            let expected = try DecodedPictureReader(name: "test", color: tags).frame(box.pointer)
            let source = try source(box, size, format, isInterleaved: index >= 6)
            var frame = Frame(size: size)
            frame.samples.withUnsafeMutableBufferPointer {
                guard let base = $0.baseAddress else { return }
                source.copyPlanes(to: base, using: PooledYUVConversion())
            }
            #expect(frame == expected, "\(LibAV.name(ofPixelFormat: pixelFormat))")
        }
    }

    @Test(arguments: UpscalerOptions.Executor.allCases, sizes)
    func planesGoInAndOutAsFramesDo(
        _ executor: UpscalerOptions.Executor, size: FrameSize
    ) throws {
        var random = SeededGenerator(seed: 21)
        let model = random.model(.unidirectional, scale: 2)
        var options = UpscalerOptions()
        options.executor = executor
        options.threads = 2
        let byFrames = try Upscaler(model: model, options: options)
        let byPlanes = try Upscaler(model: model, options: options)
        let output = size.scaled(by: 2)
        for (index, (pixelFormat, subsampling, depth)) in Self.formats.dropLast(2).enumerated() {
            let tags = Self.tags[index % 3]
            let format = try tags.format(subsampling, depth: depth, of: "test")
            let box = try picture(pixelFormat, size, depth: depth, seed: UInt64(index))
            let frame = try DecodedPictureReader(name: "test", color: tags).frame(box.pointer)
            // Clips of one frame, so that both get the very same numbers.
            let upscaled = try #require(try byFrames.push(frame).first)
            try byFrames.endClip()
            // Into a picture with the same contents, so that gaps are compared too.
            let expected = try picture(pixelFormat, output, depth: depth, seed: 99)
            let found = try picture(pixelFormat, output, depth: depth, seed: 99)
            try PictureFiller(
                size: output, depth: depth, factorX: subsampling.columns,
                factorY: subsampling.rows, tags: tags, name: "test"
            ).fill(expected.pointer, with: upscaled)
            #expect(try byPlanes.push(source(box, size, format, isInterleaved: false)) == 1)
            let (memory, rowBytes) = try planes(found, output, format, isInterleaved: false)
            try byPlanes.pull(
                into: .yuv(
                    memory[0], memory[1], memory[2], size: output, format: format,
                    rowBytes: rowBytes))
            try byPlanes.endClip()
            let (wanted, _) = try planes(expected, output, format, isInterleaved: false)
            for (plane, reference) in zip(memory, wanted) {
                #expect(plane.elementsEqual(reference))
            }
        }
    }

    @Test func interleavedColorsAreWrittenByTurns() throws {
        // Red of BT.709 in full range: Y = 0.2126 · 255 = 54.2, U = 128 - 0.2126 / 1.8556 · 255 =
        // 98.8, V = 128 + 127.5, which rounds to 256 and is bounded to 255.
        let size = FrameSize(width: 3, height: 2)
        let format = YUVFormat(.yuv420, matrix: .bt709, isFullRange: true)
        var luma = [UInt8](repeating: 7, count: 6)
        var colors = [UInt8](repeating: 7, count: 5)
        let frame = Frame(
            size: size, samples: Array(repeating: 1, count: 6) + Array(repeating: 0, count: 12))
        try luma.withUnsafeMutableBytes { luma in
            try colors.withUnsafeMutableBytes { colors in
                let target = try PictureTarget.yuv(
                    luma, interleaved: colors, size: size, format: format)
                try target.store(frame, using: PooledYUVConversion())
            }
        }
        #expect(luma == [54, 54, 54, 54, 54, 54])
        #expect(colors == [99, 255, 99, 255, 7])
    }

    /// A picture of 5x3 in 4:2:0: 15 samples of Y and 3 · 2 of U and of V.
    @Test(arguments: [
        (8, [15, 6, 6], nil, true), (8, [14, 6, 6], nil, false), (8, [15, 5, 6], nil, false),
        (8, [15, 6, 5], nil, false), (8, [19, 7, 8], YUVRowBytes(y: 7, u: 4, v: 5), true),
        (8, [18, 7, 8], YUVRowBytes(y: 7, u: 4, v: 5), false),
        (8, [19, 6, 8], YUVRowBytes(y: 7, u: 4, v: 5), false),
        (8, [99, 99, 99], YUVRowBytes(y: 4, u: 4, v: 4), false),
        (8, [99, 99, 99], YUVRowBytes(y: 5, u: 2, v: 4), false),
        (8, [99, 99, 99], YUVRowBytes(y: .max, u: 3, v: 3), false),
        (8, [99, 99, 99], YUVRowBytes(y: -5, u: 3, v: 3), false),
        (10, [30, 12, 12], nil, true), (10, [29, 12, 12], nil, false),
        (10, [30, 11, 12], nil, false), (10, [99, 99, 99], YUVRowBytes(y: 11, u: 6, v: 6), false),
        (7, [99, 99, 99], nil, false), (17, [99, 99, 99], nil, false),
    ])
    func planesBeyondTheirMemoryAreRefused(
        _ layout: (depth: Int, counts: [Int], rowBytes: YUVRowBytes?, fits: Bool)
    ) throws {
        let size = FrameSize(width: 5, height: 3)
        let format = YUVFormat(.yuv420, depth: layout.depth, matrix: .bt709)
        // Allocated memory is aligned, so that only row lengths can be odd.
        let memory = layout.counts.map {
            UnsafeMutableRawBufferPointer.allocate(byteCount: $0, alignment: 2)
        }
        defer { memory.forEach { $0.deallocate() } }
        let readable = memory.map { UnsafeRawBufferPointer($0) }
        let source = try? PictureSource.yuv(
            readable[0], readable[1], readable[2], size: size, format: format,
            rowBytes: layout.rowBytes)
        let target = try? PictureTarget.yuv(
            memory[0], memory[1], memory[2], size: size, format: format,
            rowBytes: layout.rowBytes)
        #expect((source != nil) == layout.fits && (target != nil) == layout.fits)
        let interleaved = try? PictureSource.yuv(
            readable[0], interleaved: UnsafeRawBufferPointer(rebasing: readable[1].prefix(11)),
            size: size, format: format)
        #expect(interleaved == nil)
    }

    @Test func misalignedAndEmptyPlanesAreRefused() throws {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 100, alignment: 2)
        defer { memory.deallocate() }
        let even = UnsafeRawBufferPointer(memory)
        let odd = UnsafeRawBufferPointer(rebasing: even[1...])
        let wide = YUVFormat(.yuv444, depth: 10, matrix: .bt709)
        func code(_ size: FrameSize, _ format: YUVFormat) -> VSRError.Code? {
            let error = #expect(throws: VSRError.self) {
                try PictureSource.yuv(even, odd, even, size: size, format: format)
            }
            return error?.code
        }
        #expect(code(FrameSize(width: 2, height: 2), wide) == .invalidArgument)
        for (width, height) in [(0, 2), (2, 0), (-1, 2), (Int.max, 1)] {
            #expect(code(FrameSize(width: width, height: height), wide) == .shapeMismatch)
        }
        let sparse = YUVFormat(.init(columns: 3, rows: 1), matrix: .bt709)
        #expect(code(FrameSize(width: 2, height: 2), sparse) == .unsupported)
    }
}
