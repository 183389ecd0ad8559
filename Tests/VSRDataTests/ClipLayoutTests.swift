import Foundation
import Testing
import VSRCore
import VSRData
import VSRMedia
import VSRTestSupport

extension TemporaryFolder {
    /// Writes pictures of one gray level each.
    fileprivate func pictures(_ folder: String, _ levels: [UInt8], size: FrameSize) throws {
        for (index, level) in levels.enumerated() {
            try ImageFile.write(
                Frame(size: size, filledWith: Float(level) / 255),
                to: "\(path)/\(folder)/\(index).png")
        }
    }

    fileprivate func video(_ name: String, frames: Int, size: FrameSize) throws {
        let properties = VideoProperties(
            size: size, timeBase: Rational(1, 25), frameRate: Rational(25, 1))
        var options = VideoWriterOptions()
        options.preset = "ultrafast"
        options.quality = 0
        let writer = try VideoWriter(
            "\(path)/\(name)", size: size, like: properties, options: options)
        for index in 0..<frames {
            let frame = Frame(size: size, filledWith: Float(index) / Float(frames))
            try writer.write(TimedFrame(frame, timestamp: Int64(index)))
        }
        try writer.finish()
    }
}

@Suite struct ClipLayoutTests {
    private static let size = FrameSize(width: 16, height: 8)

    @Test func videosAndFoldersOfPicturesAreClips() throws {
        let folder = try TemporaryFolder()
        try folder.video("b10.mp4", frames: 3, size: Self.size)
        try folder.video("b9.mkv", frames: 2, size: Self.size)
        try folder.pictures("a", [10, 20, 30, 40], size: Self.size)
        try FileManager.default.createDirectory(
            atPath: folder.path + "/empty", withIntermediateDirectories: false)
        try Data("{}".utf8).write(to: URL(fileURLWithPath: folder.path + "/manifest.json"))
        let clips = try ClipLayout.clips.clips(at: folder.path)
        #expect(clips.map(\.name) == ["a", "b9", "b10"])
        #expect(clips.allSatisfy { $0.lowResolution == nil })
        let counts = try clips.map { try $0.groundTruth.open().frames().count }
        #expect(counts == [4, 2, 3])
        let named = try ClipLayout.clips.clips(at: folder.path, names: ["b10", "a"])
        #expect(named.map(\.name) == ["b10", "a"])
    }

    @Test func publishedFramesArePairedByName() throws {
        let folder = try TemporaryFolder()
        try folder.pictures("GT/walk", [1, 2, 3], size: Self.size)
        try folder.pictures("GT/city", [4, 5], size: Self.size)
        try folder.pictures("BIx4/walk", [7, 8, 9], size: FrameSize(width: 4, height: 2))
        let clips = try ClipLayout.vid4.clips(at: folder.path)
        #expect(clips.map(\.name) == ["city", "walk"])
        #expect(clips[0].lowResolution == nil)
        let low = try #require(clips[1].lowResolution).open().byteFrames()
        #expect(low.map { $0[1, 1, 3] } == [7, 8, 9])
    }

    @Test func whatIsMissingIsNamed() throws {
        let folder = try TemporaryFolder()
        let empty = #expect(throws: VSRError.self) {
            try ClipLayout.clips.clips(at: folder.path)
        }
        #expect(empty?.message.contains(folder.path) == true)
        #expect(throws: VSRError.self) { try ClipLayout.vid4.clips(at: folder.path) }
        #expect(throws: VSRError.self) { try ClipLayout.clips.clips(at: folder.path + "/none") }
        try folder.pictures("a", [1], size: Self.size)
        let unknown = #expect(throws: VSRError.self) {
            try ClipLayout.clips.clips(at: folder.path, names: ["b"])
        }
        #expect(unknown?.code == .notFound)
        #expect(unknown?.message.contains("has no clip b: it has a") == true)
    }

    @Test func videosAndPicturesTrainAlike() throws {
        let folder = try TemporaryFolder()
        try folder.pictures("a", [0, 51, 102, 153], size: Self.size)
        try folder.video("b.mp4", frames: 4, size: Self.size)
        let sources = try ClipLayout.clips.clips(at: folder.path).map(\.groundTruth)
        let clips = try RenderedClips.load(sources)
        #expect(clips.names == ["a", "b"])
        #expect(clips.frameCount == 8)
        #expect(clips.frames(clip: 0, frame: 2).highResolution.samples.allSatisfy { $0 == 102 })
        #expect(clips.frames(clip: 0, frame: 2).lowResolution.samples.allSatisfy { $0 == 102 })
    }

    @Test func aDamagedClipIsNamed() throws {
        let folder = try TemporaryFolder()
        try folder.video("good.mp4", frames: 2, size: Self.size)
        try Data("no video".utf8).write(to: URL(fileURLWithPath: folder.path + "/bad.mp4"))
        let sources = try ClipLayout.clips.clips(at: folder.path).map(\.groundTruth)
        let error = #expect(throws: VSRError.self) { try RenderedClips.load(sources) }
        #expect(error?.message.contains("bad.mp4") == true)
    }
}
