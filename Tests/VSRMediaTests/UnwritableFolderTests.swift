import Foundation
import Testing
import VSRCore
import VSRMedia

@Suite struct UnwritableFolderTests {
    /// No one may make files in `/proc`, not even the superuser.
    @Test func aFolderThatTakesNoFilesIsAClearError() {
        let path = "/proc/slimvsr-unwritable.mp4"
        guard FileManager.default.fileExists(atPath: "/proc/self") else {
            print("skipped: this system has no folder that refuses files to everyone")
            return
        }
        let size = FrameSize(width: 16, height: 16)
        #expect {
            let writer = try VideoWriter(
                path, size: size, like: VideoRoundTripTests.properties())
            writer.cancel()
        } throws: {
            let error = $0 as? VSRError
            return error?.code == .io && error?.message.contains(path) == true
        }
    }
}
