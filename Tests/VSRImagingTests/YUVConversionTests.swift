import Testing
import VSRCore

@testable import VSRImaging

@Suite struct YUVConversionTests {
    private static let sizes = [(1, 1), (2, 2), (3, 5), (5, 2), (1, 6), (9, 1), (12, 10)]
        .map { FrameSize(width: $0, height: $1) }
    private static let subsamplings: [YUVFormat.Subsampling] = [.yuv420, .yuv422, .yuv444]

    /// Every subsampling, matrix, range, site and two depths, thinned out by turns.
    private static let formats: [YUVFormat] = {
        var formats: [YUVFormat] = []
        let matrices = YUVFormat.Matrix.allCases.filter { $0 != .yCgCo }
        for subsampling in subsamplings {
            for location in YUVFormat.ChromaLocation.allCases {
                for depth in [8, 10] {
                    formats.append(
                        YUVFormat(
                            subsampling, depth: depth, matrix: matrices[formats.count % 5],
                            isFullRange: formats.count % 3 == 0, chromaLocation: location))
                }
            }
        }
        return formats
    }()

    private func decoded(_ planes: TestPlanes) -> [Float] {
        let decoder = YUVDecoder(size: planes.size, format: planes.format)
        return [Float](unsafeUninitializedCapacity: 3 * planes.size.area) { output, count in
            if let base = output.baseAddress { decoder.decode(planes, to: base) }
            count = 3 * planes.size.area
        }
    }

    private func encoded(
        _ rgb: [Float], _ size: FrameSize, _ format: YUVFormat, bands: [Range<Int>]? = nil
    ) throws -> [[Int]] {
        let encoder = try YUVEncoder(size: size, format: format, threads: 2)
        let chroma = format.subsampling.chromaSize(for: size)
        let sizes = [size, chroma, chroma]
        // Rows have two samples too many, which must not be written.
        let memory = sizes.map { size in
            UnsafeMutableBufferPointer<UInt16>.allocate(capacity: (size.width + 2) * size.height)
        }
        defer { memory.forEach { $0.deallocate() } }
        memory.forEach { $0.initialize(repeating: 0xA5A5) }
        let planes = try zip(memory, sizes).map { memory, size in
            MutableSamplePlane(
                base: UnsafeMutableRawPointer(try #require(memory.baseAddress)),
                rowBytes: 2 * (size.width + 2), isWide: format.depth > 8)
        }
        rgb.withUnsafeBufferPointer { rgb in
            guard let base = rgb.baseAddress else { return }
            let target = MutableYUVPlanes(luma: planes[0], first: planes[1], second: planes[2])
            guard let bands else { return encoder.encode(base, to: target) }
            for (index, band) in bands.enumerated() {
                encoder.encode(band, of: base, to: target, thread: index % 2)
            }
        }
        return zip(memory, sizes).map { levels($0, $1, format) }
    }

    /// The samples of a plane, after checking that what follows each row was left alone.
    private func levels(
        _ memory: UnsafeMutableBufferPointer<UInt16>, _ size: FrameSize, _ format: YUVFormat
    ) -> [Int] {
        var levels: [Int] = []
        let bytes = UnsafeRawBufferPointer(memory)
        for y in 0..<size.height {
            let start = y * 2 * (size.width + 2)
            for x in 0..<size.width {
                let offset = start + x * format.bytesPerSample
                let wide = Int(bytes.load(fromByteOffset: offset / 2 * 2, as: UInt16.self))
                levels.append(format.depth > 8 ? wide : Int(bytes[offset]))
            }
            let end = start + size.width * format.bytesPerSample
            let gap = bytes[end..<start + 2 * (size.width + 2)]
            #expect(gap.allSatisfy { $0 == 0xA5 })
        }
        return levels
    }

    @Test(arguments: formats)
    func decodingFollowsItsDefinition(format: YUVFormat) {
        for (index, size) in Self.sizes.enumerated() {
            let planes = TestPlanes(seed: UInt64(index), size: size, format: format)
            let expected = YUVReference.decoded(planes)
            // Values stay below 4; a dozen roundings of 2⁻²⁴ relative each.
            for (value, wanted) in zip(decoded(planes), expected) {
                #expect(abs(Double(value) - wanted) < 3e-6, "\(size)")
            }
        }
    }

    @Test(arguments: formats)
    func encodingFollowsItsDefinition(format: YUVFormat) throws {
        for (index, size) in Self.sizes.enumerated() {
            var random = SeededGenerator(seed: UInt64(100 + index))
            let rgb = (0..<3 * size.area).map { _ in random.uniform() * 1.4 - 0.2 }
            let expected = YUVReference.encoded(rgb, size: size, format: format)
            for (plane, wanted) in zip(try encoded(rgb, size, format), expected) {
                #expect(plane.count == wanted.count)
                for (level, exact) in zip(plane, wanted) {
                    // Rounded to nearest and bounded; float errors are below 0.001 of a level.
                    let bounded = min(exact, Double((1 << format.depth) - 1))
                    #expect(abs(Double(level) - bounded) < 0.501, "\(size)")
                }
            }
        }
    }

    /// Bands give the bits of the whole, whatever was in a thread's memory before.
    @Test(arguments: formats)
    func bandsOfRowsGiveTheSameBits(format: YUVFormat) throws {
        let size = FrameSize(width: 5, height: 23)
        let planes = TestPlanes(seed: 7, size: size, format: format)
        let whole = decoded(planes)
        let decoder = YUVDecoder(size: size, format: format, threads: 2)
        var rgb = [Float](repeating: .nan, count: 3 * size.area)
        rgb.withUnsafeMutableBufferPointer { output in
            guard let base = output.baseAddress else { return }
            for y in (0..<decoder.colorRows).reversed() {
                decoder.readColors(y..<y + 1, of: planes)
            }
            for (index, band) in [4..<10, 0..<4, 20..<23, 10..<20].enumerated() {
                decoder.decode(band, of: planes, to: base, thread: index % 2)
            }
        }
        #expect(rgb == whole)
        let bands = [4..<10, 0..<4, 20..<23, 10..<20]
        #expect(try encoded(whole, size, format, bands: bands) == encoded(whole, size, format))
    }

    /// 75 % bars of BT.709 and BT.601 in limited range by SMPTE RP 219 and EBU Tech 3325; of
    /// BT.2020 by hand: Y = 16 + 219 · 0.75 · 0.2627 = 59.15, Cb = 128 - 224 · 0.75 · 0.2627 /
    /// 1.8814 = 104.54, Cr = 128 + 224 · 0.375 = 212.
    @Test(arguments: [
        (YUVFormat.Matrix.bt709, [Float(0.75), 0, 0], [51, 109, 212]),
        (.bt709, [0, 0.75, 0.75], [145, 147, 44]), (.bt601, [0.75, 0.75, 0], [162, 44, 142]),
        (.bt601, [0, 0, 0.75], [35, 212, 114]), (.bt2020, [0.75, 0, 0], [59, 105, 212]),
        (.bt2020, [1, 1, 1], [235, 128, 128]), (.bt709, [0, 0, 0], [16, 128, 128]),
    ])
    func colorsHaveTheLevelsOfTheStandards(
        matrix: YUVFormat.Matrix, color: [Float], levels: [Int]
    ) throws {
        for subsampling in Self.subsamplings {
            for size in Self.sizes {
                let format = YUVFormat(subsampling, matrix: matrix)
                let rgb = color.flatMap { Array(repeating: $0, count: size.area) }
                let planes = try encoded(rgb, size, format)
                #expect(planes == TestPlanes(constant: levels, size: size, format: format).levels)
                let back = decoded(TestPlanes(constant: levels, size: size, format: format))
                for (value, wanted) in zip(back, rgb) {
                    // Half a level of each: 0.5/219 + 2.13 · 0.5/224.
                    #expect(abs(value - wanted) < 0.0071)
                }
            }
        }
    }

    @Test func notANumberIsBlack() throws {
        let format = YUVFormat(.yuv444, matrix: .bt709)
        let planes = try encoded([.nan, .nan, .nan], FrameSize(width: 1, height: 1), format)
        #expect(planes == [[16], [128], [128]])
    }

    @Test func aColorSamplePerMoreThanTwoLumaSamplesIsNotWritten() {
        let format = YUVFormat(.init(columns: 4, rows: 1), matrix: .bt601)
        let error = #expect(throws: VSRError.self) {
            try YUVEncoder(size: FrameSize(width: 4, height: 4), format: format)
        }
        #expect(error?.code == .unsupported)
    }

    @Test func colorSamplesAreInterpolatedAtTheirSites() {
        // A ramp whose samples sit at 0, 2, 4, … (left) or 0.5, 2.5, … (center) is restored on
        // every luma sample away from the ends: cubic interpolation reproduces straight lines.
        let margin = ChromaInterpolation.margin
        for (siting, site) in [
            (ChromaInterpolation.Siting.first, 0.0), (.center, 0.5), (.last, 1),
        ] {
            let interpolation = ChromaInterpolation(factor: 2, siting: siting)
            let samples = (0..<8).map { Float(2 * Double($0) + site) }
            var row = Array(repeating: Float.nan, count: margin) + samples
            row += Array(repeating: .nan, count: margin)
            var wide = [Float](repeating: 0, count: 16)
            row.withUnsafeMutableBufferPointer { row in
                wide.withUnsafeMutableBufferPointer { wide in
                    guard let row = row.baseAddress, let wide = wide.baseAddress else { return }
                    interpolation.widen(row + margin, count: 8, to: wide, length: 16)
                }
            }
            var tall = Float(0)
            for index in 4..<12 {
                interpolation.heighten(
                    samples, size: FrameSize(width: 1, height: 8), row: index, to: &tall)
                #expect(abs(wide[index] - Float(index)) < 1e-5)
                #expect(abs(tall - Float(index)) < 1e-5)
            }
        }
    }
}

extension TestPlanes: SampleRowSource {
    func read(
        component: Int, row: Int, count: Int, to target: UnsafeMutablePointer<Float>, scale: Float,
        offset: Float
    ) {
        let width = size(of: component).width
        for x in 0..<count {
            target[x] = Float(levels[component][row * width + x]) * scale + offset
        }
    }
}
