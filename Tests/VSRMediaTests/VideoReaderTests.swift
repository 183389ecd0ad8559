import Testing
import VSRCore
import VSRMedia

@Suite struct VideoReaderTests {
    @Test func aMissingFileIsNotFound() {
        let error = #expect(throws: VSRError.self) { try VideoReader("no-such-folder/clip.mp4") }
        #expect(error?.code == .notFound)
        #expect(error?.message.contains("no-such-folder/clip.mp4") == true)
    }
}
