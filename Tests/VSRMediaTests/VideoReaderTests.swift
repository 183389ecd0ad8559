import CLibAV
import Foundation
import Testing
import VSRCore
import VSRTestSupport

@testable import VSRMedia

@Suite struct VideoReaderTests {
    private static let size = VideoRoundTripTests.size

    private static func clip(_ path: String, frames: Int = 24) throws -> Data {
        try VideoRoundTripTests.write(
            path, times: (0..<Int64(frames)).map { $0 * 3600 },
            like: VideoRoundTripTests.properties())
        return try Data(contentsOf: URL(fileURLWithPath: path))
    }

    private static func write(_ data: Data, _ path: String) throws {
        try data.write(to: URL(fileURLWithPath: path))
    }

    @Test func aMissingFileIsNotFound() {
        let error = #expect(throws: VSRError.self) { try VideoReader("no-such-folder/clip.mp4") }
        #expect(error?.code == .notFound)
        #expect(error?.message.contains("no-such-folder/clip.mp4") == true)
    }

    @Test func truncatedFilesEndInAnErrorThatNamesThem() throws {
        let folder = try TemporaryFolder()
        let data = try Self.clip(folder.path("a.mp4"))
        for percent in [0, 1, 5, 20, 50, 80, 95] {
            let path = folder.path("cut\(percent).mp4")
            try Self.write(data.prefix(data.count * percent / 100), path)
            let error = #expect(throws: VSRError.self, "\(percent) %") {
                try VideoReader(path).frames()
            }
            #expect(error?.message.contains(path) == true)
            #expect(error?.code == .corruptData)
        }
    }

    @Test func damageCanBeSkipped() throws {
        let folder = try TemporaryFolder()
        let data = try Self.clip(folder.path("a.mp4"))
        try Self.write(data.prefix(data.count * 80 / 100), folder.path("cut.mp4"))
        var options = VideoReaderOptions()
        options.damage = .skip
        let frames = try VideoReader(folder.path("cut.mp4"), options: options).frames()
        #expect(frames.count > 4 && frames.count < 24)
    }

    @Test func otherContentAndPlaylistsAreRefused() throws {
        let folder = try TemporaryFolder()
        _ = try Self.clip(folder.path("real.mp4"))
        let texts = [
            "", "hello, this is no video\n",
            "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nreal.mp4\n#EXT-X-ENDLIST\n",
            "ffconcat version 1.0\nfile real.mp4\n",
        ]
        for (index, text) in texts.enumerated() {
            let path = folder.path("text\(index).mp4")
            try Self.write(Data(text.utf8), path)
            #expect(throws: VSRError.self, "\(text)") { try VideoReader(path) }
        }
        let folderError = #expect(throws: VSRError.self) { try VideoReader(folder.path) }
        #expect(folderError?.code == .invalidArgument)
        #expect(throws: VSRError.self) { try VideoReader("http://localhost/a.mp4") }
    }

    @Test func soundWithoutPicturesIsRefused() throws {
        let folder = try TemporaryFolder()
        try TestStreams.writeAudio(folder.path("tone.mkv"), encoder: "aac", seconds: 0.2)
        let error = #expect(throws: VSRError.self) { try VideoReader(folder.path("tone.mkv")) }
        #expect(error?.message.contains("no video stream") == true)
    }

    /// The packets of an encoder as a bare H.264 stream.
    static func elementaryStream(_ size: FrameSize, frames: Int) throws -> Data {
        let source = VideoRoundTripTests.properties()
        let tags = source.color.resolved(for: size)
        var options = VideoWriterOptions()
        options.preset = "ultrafast"
        let encoder = try VideoEncoder(
            size: size, like: source, tags: tags, options: options, codec: .h264,
            needsHeader: false, name: "test")
        let filler = try PictureFiller(
            size: size, depth: 8, factorX: 2, factorY: 2, tags: tags, name: "test")
        let picture = try encoder.pictures.make()
        var data = Data()
        func append(_ packet: UnsafeMutablePointer<AVPacket>) {
            data.append(packet.pointee.data, count: Int(packet.pointee.size))
        }
        for index in 0..<frames {
            try LibAV.check(av_frame_make_writable(picture.pointer), "test")
            filler.fill(picture.pointer, with: TestPictures.smooth(size, frame: index))
            try encoder.encode(
                picture.pointer, timestamp: Int64(index) * 3600, duration: 3600, append)
        }
        try encoder.flush(append)
        return data
    }

    @Test func aFrameSizeThatChangesMidwayIsRefused() throws {
        let folder = try TemporaryFolder()
        let first = try Self.elementaryStream(FrameSize(width: 64, height: 48), frames: 3)
        let second = try Self.elementaryStream(FrameSize(width: 96, height: 48), frames: 3)
        try Self.write(first, folder.path("one.h264"))
        #expect(try VideoReader(folder.path("one.h264")).frames().count == 3)
        try Self.write(first + second, folder.path("two.h264"))
        let error = #expect(throws: VSRError.self) {
            try VideoReader(folder.path("two.h264")).frames()
        }
        #expect(error?.code == .shapeMismatch)
        #expect(error?.message.contains("64x48 to 96x48 at frame 3") == true)
    }

    @Test func framesAboveTheLimitAreRefusedByTheirHeader() throws {
        let folder = try TemporaryFolder()
        _ = try Self.clip(folder.path("a.mp4"), frames: 2)
        var options = VideoReaderOptions()
        options.maximumArea = Self.size.area - 1
        let error = #expect(throws: VSRError.self) {
            try VideoReader(folder.path("a.mp4"), options: options)
        }
        #expect(error?.code == .unsupported)
        #expect(error?.message.contains("64x48") == true)
        options.maximumArea += 1
        #expect(try VideoReader(folder.path("a.mp4"), options: options).frames().count == 2)
        try Self.write(
            Data("YUV4MPEG2 W60000 H60000 F25:1 Ip A1:1 C420\nFRAME\n".utf8),
            folder.path("huge.y4m"))
        #expect(throws: VSRError.self) { try VideoReader(folder.path("huge.y4m")) }
    }

    @Test func planesOfAKnownStreamAreReadExactly() throws {
        // A 4x2 picture of YUV4MPEG2: luma 16 and 235 alternate, color neutral.
        let folder = try TemporaryFolder()
        let header = "YUV4MPEG2 W4 H2 F25:1 Ip A1:1 C420mpeg2\n"
        let luma: [UInt8] = [16, 235, 16, 235, 235, 16, 235, 16]
        var data = Data(header.utf8)
        for _ in 0..<3 { data += Data("FRAME\n".utf8) + Data(luma + [128, 128, 128, 128]) }
        try Self.write(data, folder.path("a.y4m"))
        let reader = try VideoReader(folder.path("a.y4m"))
        #expect(reader.properties.frameRate == Rational(25, 1))
        let frames = try reader.byteFrames()
        #expect(frames.count == 3)
        let plane: [UInt8] = luma.map { $0 == 16 ? 0 : 255 }
        for frame in frames { #expect(frame.samples == plane + plane + plane) }
    }
}
