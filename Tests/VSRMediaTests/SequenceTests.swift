import Foundation
import Testing
import VSRCore
import VSRTestSupport

@testable import VSRMedia

@Suite(.timeLimit(.minutes(10))) struct SequenceTests {
    private static let size = FrameSize(width: 12, height: 10)

    private static func properties() -> VideoProperties {
        VideoProperties(size: size, timeBase: Rational(1, 25), frameRate: Rational(25, 1))
    }

    @Test func namesAreSortedNaturally() {
        let names = ["f10.png", "f2.png", "F1.png", "f02.png", "f1.png", "a", "f2b.png", "f.png"]
        #expect(
            names.sorted(by: FolderListing.precedes) == [
                "F1.png", "a", "f.png", "f1.png", "f02.png", "f2.png", "f2b.png", "f10.png",
            ])
        let huge = ["x99999999999999999999999", "x100000000000000000000000", "x9"]
        #expect(huge.sorted(by: FolderListing.precedes) == [huge[2], huge[0], huge[1]])
    }

    @Test func aFolderOfPicturesComesBackFrameByFrame() throws {
        let folder = try TemporaryFolder()
        let pictures = (0..<12).map { TestPictures.noise(Self.size, seed: UInt64($0)) }
        let writer = try MediaPath.create(
            folder.path("out"), size: Self.size, like: Self.properties())
        for (index, picture) in pictures.enumerated() {
            try writer.write(TimedFrame(picture.frame, timestamp: Int64(index)))
        }
        #expect(!FileManager.default.fileExists(atPath: folder.path("out")))
        try writer.finish()
        #expect(try folder.entries() == ["out"])
        let reader = try MediaPath.open(folder.path("out"))
        #expect(reader.properties.frameCount == 12)
        #expect(reader.properties.size == Self.size)
        #expect(try reader.byteFrames() == pictures)
        #expect(throws: VSRError.self) { try ImageSequenceWriter(folder.path("out")) }
    }

    @Test func anAbandonedFolderLeavesNothing() throws {
        let folder = try TemporaryFolder()
        do {
            let writer = try ImageSequenceWriter(folder.path("out"))
            try writer.write(TimedFrame(Frame(size: Self.size), timestamp: 0))
        }
        #expect(try folder.entries().isEmpty)
    }

    @Test func picturesOfMixedSizesAreRefusedByName() throws {
        let folder = try TemporaryFolder()
        for (name, width) in [("1.png", 8), ("2.png", 8), ("10.png", 9)] {
            try ImageFile.write(
                Frame(size: FrameSize(width: width, height: 4)), to: folder.path(name))
        }
        let reader = try ImageSequenceReader(folder.path)
        _ = try reader.next()
        _ = try reader.next()
        let error = #expect(throws: VSRError.self) { try reader.next() }
        #expect(error?.code == .shapeMismatch)
        #expect(error?.message.contains("10.png") == true)
    }

    @Test func emptyFoldersAreRefused() throws {
        let folder = try TemporaryFolder()
        let error = #expect(throws: VSRError.self) { try MediaPath.open(folder.path) }
        #expect(error?.code == .notFound)
    }

    @Test func onePictureIsAClipOfOneFrame() throws {
        let folder = try TemporaryFolder()
        let picture = TestPictures.noise(Self.size, seed: 4)
        let writer = try MediaPath.create(
            folder.path("a.png"), size: Self.size, like: Self.properties())
        try writer.write(TimedFrame(picture.frame, timestamp: 0))
        #expect(throws: VSRError.self) {
            try writer.write(TimedFrame(picture.frame, timestamp: 1))
        }
        try writer.finish()
        #expect(try MediaPath.open(folder.path("a.png")).byteFrames() == [picture])
    }

    /// Counts up to a number of frames, then ends or fails.
    private final class Numbers: FrameSource {
        let properties = SequenceTests.properties()
        private let count: Int
        private let failsAtEnd: Bool
        private var position = 0

        init(_ count: Int, failsAtEnd: Bool = false) {
            self.count = count
            self.failsAtEnd = failsAtEnd
        }

        func next() throws -> TimedFrame? {
            if position == count {
                if failsAtEnd { throw VSRError(.corruptData, "the end") }
                return nil
            }
            defer { position += 1 }
            return TimedFrame(
                Frame(size: SequenceTests.size, filledWith: Float(position)),
                timestamp: Int64(position))
        }
    }

    /// Notes what it is given; refuses frame `limit`.
    private final class Notebook: FrameSink {
        private(set) var times: [Int64] = []
        private(set) var isFinished = false
        private(set) var isCancelled = false
        private let limit: Int

        init(limit: Int = .max) { self.limit = limit }

        func write(_ frame: TimedFrame) throws {
            guard times.count < limit else { throw VSRError(.io, "full") }
            times.append(frame.timestamp)
        }

        func finish() { isFinished = true }
        func cancel() { isCancelled = true }
    }

    @Test(arguments: [1, 3]) func readingAheadChangesNothing(capacity: Int) throws {
        let source = ReadAhead(Numbers(20), capacity: capacity)
        for index in 0..<20 { #expect(try source.next()?.timestamp == Int64(index)) }
        #expect(try source.next() == nil)
        #expect(try source.next() == nil)
    }

    @Test func errorsOfASourceArriveAfterItsFrames() throws {
        let source = ReadAhead(Numbers(5, failsAtEnd: true))
        for _ in 0..<5 { #expect(try source.next() != nil) }
        #expect(throws: VSRError.self) { try source.next() }
        #expect(throws: VSRError.self) { try source.next() }
    }

    @Test func readersLetGoEarlyNeverHang() throws {
        for round in 0..<30 {
            let source = ReadAhead(Numbers(1000), capacity: 1 + round % 3)
            for _ in 0..<round % 4 { _ = try source.next() }
        }
    }

    @Test func writingBehindKeepsOrderAndFinishes() throws {
        let notebook = Notebook()
        let sink = WriteBehind(notebook, capacity: 2)
        let source = Numbers(50)
        while let frame = try source.next() { try sink.write(frame) }
        try sink.finish()
        #expect(notebook.times == (0..<50).map(Int64.init))
        #expect(notebook.isFinished && !notebook.isCancelled)
        #expect(throws: VSRError.self) {
            try sink.write(TimedFrame(Frame(size: Self.size), timestamp: 99))
        }
    }

    @Test func errorsOfASinkReachTheWriter() throws {
        let notebook = Notebook(limit: 3)
        let sink = WriteBehind(notebook, capacity: 2)
        let source = Numbers(1000)
        let error = #expect(throws: VSRError.self) {
            while let frame = try source.next() { try sink.write(frame) }
            try sink.finish()
        }
        #expect(error?.message == "full")
        #expect(notebook.times.count == 3)
        #expect(notebook.isCancelled && !notebook.isFinished)
    }

    @Test func aSinkLetGoIsCancelled() throws {
        let notebook = Notebook()
        do {
            let sink = WriteBehind(notebook)
            try sink.write(TimedFrame(Frame(size: Self.size), timestamp: 0))
        }
        #expect(notebook.isCancelled && !notebook.isFinished)
    }
}
