import Foundation
import VSRCore
import VSRMedia

extension ClipSource {
    /// Writes clips as `FOLDER/000/00000000.png` and so on, as REDS lies, several at the same time.
    ///
    /// - Parameter options: Threads, progress and cancellation are followed.
    /// - Returns: The bytes of the files.
    /// - Throws: what opening, decoding and writing throw; `cancelled`.
    public static func writePictures(
        of clips: [ClipSource], to folder: String, options: LoadingOptions = LoadingOptions()
    ) throws -> Int {
        let finished: @Sendable (Int) -> Void = { done in
            options.progress?(
                ProgressUpdate("write clips", completed: done, total: clips.count, unit: "clips"))
        }
        return try parallelMap(clips.count, threads: options.threads, finished: finished) { clip in
            let input = try clips[clip].open()
            var frame = 0
            var bytes = 0
            while let timed = try input.next() {
                try options.cancellation?.check()
                let data = try ImageFile.encode(timed.frame, as: .png)
                let path = String(format: "%03d/%08d.png", clip, frame)
                try AtomicFile.write(data, to: "\(folder)/\(path)")
                frame += 1
                bytes += data.count
            }
            return bytes
        }.reduce(0, +)
    }
}
