import FuzzDriver
import VSRMedia

extension FuzzTarget {
    /// The first frames of a video.
    static let video = file("video", seed: Seeds.writeVideos) { path in
        var options = VideoReaderOptions()
        options.maximumArea = 1 << 16
        options.threads = 1
        let reader = try VideoReader(path, options: options)
        for _ in 0..<50 {
            guard let frame = try reader.next() else { return }
            precondition(frame.frame.size == reader.properties.size)
        }
    }
}
