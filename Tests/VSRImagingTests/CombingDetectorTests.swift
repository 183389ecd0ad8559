import Foundation
import Testing
import VSRCore

@testable import VSRImaging

@Suite struct CombingDetectorTests {
    private let size = FrameSize(width: 64, height: 48)

    /// A scene in motion; with fields of two moments, where asked for.
    private func pictures(isWoven: Bool, depth: Int, speed: Int = 3) -> [YUVPicture] {
        func level(_ x: Int, _ y: Int, _ time: Int) -> Int {
            let place = Double(x + speed * time)
            return Int(128 + 90 * sin(place / 3) * cos(Double(y) / 9))
        }
        return (0..<16).map { index in
            PlanarPicture(size: size, depth: depth) { x, y in
                level(x, y, isWoven ? 2 * index + y % 2 : index)
            }.picture
        }
    }

    private func isCombed(_ pictures: [YUVPicture]) -> Bool {
        var detector = CombingDetector()
        for picture in pictures { detector.observe(picture) }
        return detector.isCombed
    }

    @Test(arguments: [8, 10])
    func wovenFieldsAreFound(depth: Int) {
        #expect(isCombed(pictures(isWoven: true, depth: depth)))
        #expect(!isCombed(pictures(isWoven: false, depth: depth)))
    }

    @Test func whatStandsStillSaysNothing() {
        #expect(!isCombed(pictures(isWoven: true, depth: 8, speed: 0)))
        // Rows that differ by themselves, in motion sideways that no row shows.
        let striped = (0..<16).map { _ in
            PlanarPicture(size: size, depth: 8) { _, y in y % 2 * 120 + 60 }.picture
        }
        #expect(!isCombed(striped))
    }
}

/// A 4:2:0 picture of samples of 8 bits' levels.
private final class PlanarPicture {
    let picture: YUVPicture

    init(size: FrameSize, depth: Int, _ level: (_ x: Int, _ y: Int) -> Int) {
        let format = YUVFormat(depth: depth, matrix: .bt601)
        let bytes = depth > 8 ? 2 : 1
        let memory = Memory(count: 3 * size.area * bytes)
        for y in 0..<size.height {
            for x in 0..<size.width {
                let value = level(x, y) << (depth - 8)
                let place = (y * size.width + x) * bytes
                if bytes == 1 {
                    memory.base.storeBytes(of: UInt8(value), toByteOffset: place, as: UInt8.self)
                } else {
                    memory.base.storeBytes(of: UInt16(value), toByteOffset: place, as: UInt16.self)
                }
            }
        }
        let plane = SamplePlane(
            base: UnsafeRawPointer(memory.base), rowBytes: size.width * bytes, isWide: bytes == 2)
        picture = YUVPicture(
            size: size, format: format,
            planes: YUVPlanes(luma: plane, first: plane, second: plane), memory: memory)
    }

    private final class Memory {
        let base: UnsafeMutableRawPointer
        init(count: Int) { base = .allocate(byteCount: count, alignment: 64) }
        deinit { base.deallocate() }
    }
}
