import CLibAV
import Foundation
import VSRCore

@testable import VSRMedia

/// Files with everything that videos may have besides pictures.
enum TestClips {
    static let size = VideoRoundTripTests.size

    /// The packets of 25 frames of H.264 within a second, and their stream.
    static func video(_ folder: String, frames: Int = 25) throws -> TestProbe.Stream {
        let path = folder + "/plain-\(frames).mkv"
        if !FileManager.default.fileExists(atPath: path) {
            try VideoRoundTripTests.write(
                path, times: (0..<Int64(frames)).map { $0 * 40 },
                like: VideoRoundTripTests.properties(Rational(1, 1000)))
        }
        return try read(path)
    }

    /// The first stream of a file.
    static func read(_ path: String) throws -> TestProbe.Stream {
        try TestProbe(path).streams[0]
    }

    /// The packets of a sound, and their stream.
    static func sound(_ folder: String, _ encoder: String, rate: Int = 48000) throws
        -> TestProbe.Stream
    {
        let path = folder + "/\(encoder).mkv"
        if !FileManager.default.fileExists(atPath: path) {
            try TestStreams.writeAudio(path, encoder: encoder, seconds: 1, rate: rate)
        }
        return try read(path)
    }

    /// A Matroska file: H.264, sounds, SubRip and ASS subtitles with equal starts, a font, a cover
    /// and chapters.
    static func everything(
        _ folder: String, sounds: [String] = ["aac", "flac"], to name: String = "everything.mkv"
    ) throws -> String {
        let path = folder + "/" + name
        let video = try video(folder)
        let muxer = try TestMuxer(path, format: "matroska")
        av_dict_set(&muxer.context.pointee.metadata, "title", "The whole", 0)
        let main = try muxer.add(
            like: video, tags: ["language": "jpn", "title": "Main picture"],
            disposition: AV_DISPOSITION_DEFAULT)
        let read = try sounds.map { try sound(folder, $0) }
        let tracks = try read.enumerated().map { index, sound in
            try muxer.add(
                like: sound,
                tags: ["language": index == 0 ? "eng" : "deu", "title": "Sound \(index)"],
                disposition: index == 1
                    ? AV_DISPOSITION_DEFAULT | AV_DISPOSITION_HEARING_IMPAIRED : 0)
        }
        let text = try muxer.add(
            AVMEDIA_TYPE_SUBTITLE, AV_CODEC_ID_SUBRIP, tags: ["language": "fra"],
            disposition: AV_DISPOSITION_FORCED)
        let styled = try muxer.add(
            AVMEDIA_TYPE_SUBTITLE, AV_CODEC_ID_ASS, tags: ["language": "ita"],
            header: Data(assHeader.utf8))
        try muxer.add(
            AVMEDIA_TYPE_ATTACHMENT, AV_CODEC_ID_TTF,
            tags: ["filename": "Sans.ttf", "mimetype": "application/x-truetype-font"],
            header: Data("no font".utf8))
        try muxer.add(
            AVMEDIA_TYPE_ATTACHMENT, AV_CODEC_ID_PNG,
            tags: ["filename": "cover.png", "mimetype": "image/png"], header: try cover())
        try muxer.addChapter("One", from: 0, to: 400)
        try muxer.addChapter("Two", from: 400, to: 1000)
        try muxer.start(["default_mode": "passthrough"])
        for (time, text_) in subtitles {
            try muxer.write(
                Data(text_.utf8), stream: text, pts: time, duration: 200, base: Rational(1, 1000))
            try muxer.write(
                Data("\(time),0,Default,,0,0,0,,\(text_)".utf8), stream: styled, pts: time,
                duration: 200, base: Rational(1, 1000))
        }
        try muxer.write(video, as: main)
        for (sound, track) in zip(read, tracks) { try muxer.write(sound, as: track) }
        try muxer.finish()
        return path
    }

    /// Two at once, and one alone.
    static let subtitles: [(Int64, String)] = [(100, "one"), (100, "two"), (600, "three")]

    static func cover() throws -> Data {
        try ImageFile.encode(
            TestPictures.smooth(FrameSize(width: 20, height: 16), frame: 0), as: .png)
    }

    static let assHeader = """
        [Script Info]
        ScriptType: v4.00+

        [V4+ Styles]
        Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, \
        BackColour, Bold, Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, \
        BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding
        Style: Default,Arial,16,&Hffffff,&Hffffff,&H0,&H0,0,0,0,0,100,100,0,0,1,1,0,2,10,10,10,0

        [Events]
        Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text

        """

    /// Reads all frames of a file and writes them into another.
    @discardableResult
    static func copy(
        _ path: String, to output: String, reading: VideoReaderOptions? = nil,
        options: VideoWriterOptions? = nil
    ) throws -> (plan: StreamPlan?, reading: ReadingReport, frames: Int) {
        var skipping = VideoReaderOptions()
        skipping.damage = .skip
        skipping.scalesChangedSizes = true
        skipping.threads = 1
        let source = TurnedSource.source(
            try VideoReader(path, options: reading ?? skipping), for: Container(named: output))
        var fast = VideoWriterOptions()
        fast.preset = "ultrafast"
        fast.threads = 1
        let writer = try VideoWriter(
            output, size: source.properties.size, like: source.properties,
            options: options ?? fast)
        var frames = 0
        while let next = try source.next() {
            try writer.write(next)
            frames += 1
        }
        if source.log?.report.hasStopped == true { writer.endOtherStreams() }
        try writer.finish()
        return (writer.plan, source.log?.report ?? ReadingReport(), frames)
    }
}
