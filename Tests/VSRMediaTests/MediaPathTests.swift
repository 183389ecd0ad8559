import Foundation
import Testing
import VSRCore
import VSRImaging
import VSRTestSupport

@testable import VSRMedia

@Suite(.timeLimit(.minutes(10))) struct MediaPathTests {
    private static let size = FrameSize(width: 12, height: 10)

    private func write(_ bytes: [UInt8], _ path: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }

    @Test func whatComesInIsToldByItsContent() throws {
        let folder = try TemporaryFolder()
        let picture = TestPictures.noise(Self.size, seed: 1).frame
        for format in [ImageFormat.png, .jpeg] {
            let data = try ImageFile.encode(picture, as: format)
            for name in ["a", "a.dat", "a.png", "a.jpg", "a.mp4"] {
                try write([UInt8](data), folder.path(name))
                #expect(try MediaPath.kind(of: folder.path(name)) == .picture)
                let source = try MediaPath.open(folder.path(name))
                #expect(source.properties.size == Self.size)
                #expect(source.properties.frameCount == 1)
            }
        }
        #expect(try MediaPath.kind(of: folder.path) == .folder)
        let video = VideoProperties(
            size: Self.size, timeBase: Rational(1, 25), frameRate: Rational(25, 1))
        let writer = try MediaPath.create(folder.path("v.mp4"), size: Self.size, like: video)
        try writer.write(TimedFrame(picture, timestamp: 0))
        try writer.finish()
        try FileManager.default.moveItem(
            atPath: folder.path("v.mp4"), toPath: folder.path("video-without-extension"))
        #expect(try MediaPath.kind(of: folder.path("video-without-extension")) == .video)
        #expect(
            try MediaPath.open(folder.path("video-without-extension")).properties.codec == "h264")
    }

    @Test(arguments: [
        ("hello, this is no video\n", "a text file"), ("{\"a\": 1}", "a text file"),
        ("", "an empty file"), ("RIFF\u{1}\0\0\0WEBPVP8 ", "a WebP picture"),
        ("RIFF\u{1}\0\0\0WAVEfmt ", "sound only"), ("ID3\u{4}\0\0", "sound only"),
        ("BM\u{1}\0\0\0", "a BMP picture"), ("II*\0\u{1}", "a TIFF picture"),
        ("\0\0\0\u{18}ftypheic", "a HEIC picture"), ("PK\u{3}\u{4}\0", "a ZIP archive"),
    ])
    func whatIsNeitherVideoNorPictureIsSaid(content: String, found: String) throws {
        let folder = try TemporaryFolder()
        for name in ["x.mp4", "x.png", "x"] {
            try write(Array(content.utf8), folder.path(name))
            let error = #expect(throws: VSRError.self) { try MediaPath.open(folder.path(name)) }
            #expect(error?.code == .unsupported)
            #expect(error?.message.contains("\(folder.path(name)) is \(found)") == true)
        }
    }

    @Test func soundAndMissingFilesAreSaid() throws {
        let folder = try TemporaryFolder()
        try TestStreams.writeAudio(folder.path("tone.mkv"), encoder: "aac", seconds: 0.2)
        let sound = #expect(throws: VSRError.self) { try MediaPath.open(folder.path("tone.mkv")) }
        #expect(sound?.message.contains("tone.mkv holds sound only") == true)
        let missing = #expect(throws: VSRError.self) { try MediaPath.open(folder.path("no.mp4")) }
        #expect(missing?.code == .notFound)
        try write([0, 1, 2, 3], folder.path("bad.png"))
        let bad = #expect(throws: VSRError.self) { try MediaPath.open(folder.path("bad.png")) }
        #expect(bad?.message.contains("neither a PNG nor a JPEG") == true)
    }

    @Test func namesSayWhatIsWritten() throws {
        for (name, kind) in [
            ("a.mp4", MediaPath.Kind.video), ("a.MKV", .video), ("a.webm", .video),
            ("a.avi", .video), ("a.TS", .video), ("a.png", .picture),
            ("a.JPEG", .picture), ("a", .folder), ("a.b/", .folder),
        ] {
            #expect(try MediaPath.kind(named: name) == kind, "\(name)")
        }
        let error = #expect(throws: VSRError.self) { try MediaPath.kind(named: "a.wmv") }
        #expect(error?.code == .unsupported)
    }

    @Test func aPictureThatIsNotFinishedLeavesNothing() throws {
        let folder = try TemporaryFolder()
        let properties = VideoProperties(
            size: Self.size, timeBase: Rational(1, 25), frameRate: Rational(25, 1))
        do {
            let writer = try MediaPath.create(
                folder.path("a.jpg"), size: Self.size, like: properties)
            try writer.write(TimedFrame(Frame(size: Self.size), timestamp: 0))
        }
        #expect(try folder.entries().isEmpty)
        #expect(throws: VSRError.self) {
            try FileManager.default.createDirectory(
                atPath: folder.path("d.png"), withIntermediateDirectories: false)
            _ = try MediaPath.create(folder.path("d.png"), size: Self.size, like: properties)
        }
    }

    @Test func blankPicturesAreEncodedAsTheirFrames() throws {
        let folder = try TemporaryFolder()
        let size = FrameSize(width: 16, height: 12)
        let like = VideoProperties(
            size: size, timeBase: Rational(1, 25), frameRate: Rational(25, 1))
        var options = VideoWriterOptions()
        options.quality = 0
        let byFrames = try VideoWriter(
            folder.path("a.mp4"), size: size, like: like, options: options)
        let byPictures = try VideoWriter(
            folder.path("b.mp4"), size: size, like: like, options: options)
        for index in 0..<4 {
            let frame = TestPictures.smooth(size, frame: index)
            try byFrames.write(TimedFrame(frame, timestamp: Int64(index), duration: 1))
            let blank = try #require(try byPictures.blankPictures?.picture())
            let encoder = try YUVEncoder(size: size, format: blank.format)
            frame.samples.withUnsafeBufferPointer {
                guard let base = $0.baseAddress else { return }
                encoder.encode(base, to: blank.writablePlanes)
            }
            try byPictures.write(TimedPicture(.yuv(blank), timestamp: Int64(index), duration: 1))
        }
        try byFrames.finish()
        try byPictures.finish()
        let a = try VideoReader(folder.path("a.mp4"))
        let b = try VideoReader(folder.path("b.mp4"))
        let frames = try a.frames()
        #expect(frames.count == 4)
        #expect(try b.frames() == frames)
    }

    @Test func planesOfADecoderAreTheFramesOfTheReader() throws {
        let folder = try TemporaryFolder()
        let like = VideoProperties(
            size: Self.size, timeBase: Rational(1, 25), frameRate: Rational(25, 1))
        let writer = try VideoWriter(folder.path("a.mp4"), size: Self.size, like: like)
        for index in 0..<5 {
            try writer.write(
                TimedFrame(TestPictures.smooth(Self.size, frame: index), timestamp: Int64(index)))
        }
        try writer.finish()
        let frames = try VideoReader(folder.path("a.mp4")).frames()
        // All at once: pictures stay what they are while the decoder goes on.
        let reader = try VideoReader(folder.path("a.mp4"))
        var pictures: [Picture] = []
        while let next = try reader.nextPicture() { pictures.append(next.picture) }
        #expect(pictures.allSatisfy { if case .yuv = $0 { true } else { false } })
        #expect(pictures.map(\.frame) == frames)
    }
}
