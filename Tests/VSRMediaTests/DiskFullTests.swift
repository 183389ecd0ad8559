import Foundation
import Testing
import VSRCore
import VSRTestSupport

@testable import VSRMedia

/// A file system of 300 KiB, mounted for the test where that is allowed.
private final class TinyDisk {
    let path: String

    init?(_ folder: TemporaryFolder) {
        path = folder.path("disk")
        try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        guard Self.run(["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", path]) else {
            return nil
        }
    }

    deinit { _ = Self.run(["umount", path]) }

    private static func run(_ words: [String]) -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = words
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}

@Suite struct DiskFullTests {
    @Test func aFullDiskIsAClearErrorAndLeavesNothing() throws {
        let folder = try TemporaryFolder()
        guard let disk = TinyDisk(folder) else {
            print("skipped: a full disk cannot be tried without the right to mount one")
            return
        }
        let size = FrameSize(width: 320, height: 240)
        var options = VideoWriterOptions()
        options.preset = "ultrafast"
        options.quality = 0
        let writer = try VideoWriter(
            disk.path + "/a.mp4", size: size, like: VideoRoundTripTests.properties(),
            options: options)
        let error = #expect(throws: VSRError.self) {
            for index in 0..<20 {
                let frame = TestPictures.noise(size, seed: UInt64(index)).frame
                try writer.write(TimedFrame(frame, timestamp: Int64(index) * 3600))
            }
            try writer.finish()
        }
        #expect(error?.code == .io)
        #expect(error?.message.contains(disk.path + "/a.mp4") == true)
        writer.cancel()
        let images = try ImageSequenceWriter(disk.path + "/frames")
        let second = #expect(throws: VSRError.self) {
            for index in 0..<20 {
                let frame = TestPictures.noise(size, seed: UInt64(index)).frame
                try images.write(TimedFrame(frame, timestamp: Int64(index)))
            }
        }
        #expect(second?.code == .io)
        images.cancel()
        #expect(try FileManager.default.contentsOfDirectory(atPath: disk.path).isEmpty)
    }
}
