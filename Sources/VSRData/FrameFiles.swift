import Foundation
import VSRCore
import VSRMedia

/// A clip's frames where they lie: a folder of pictures, a picture, or a video.
struct FrameFiles {
    let path: String
    /// Paths of the pictures in order; `nil` for a video.
    let pictures: [String]?
    /// What lies in the folder and is no picture.
    let others: [String]

    /// What is known of a frame.
    enum Content {
        case decoded(ByteFrame)
        /// The size alone.
        case size(FrameSize)

        var size: FrameSize {
            switch self {
            case .decoded(let frame): frame.size
            case .size(let size): size
            }
        }
    }

    /// - Throws: `notFound` where there is nothing.
    init(_ path: String) throws {
        self.path = path
        guard ClipLayout.isFolder(path) else {
            guard FileManager.default.fileExists(atPath: path) else {
                throw VSRError(.notFound, "there is no file \(path)")
            }
            pictures = ImageFile.isImage(path) ? [path] : nil
            others = []
            return
        }
        pictures = try ImageSequenceReader.pictures(in: path)
        others = try FolderListing.entries(of: path).filter { entry in
            !ImageFile.isImage(entry) && !["thumbs.db", "desktop.ini"].contains(entry.lowercased())
        }
    }

    /// File names of the pictures.
    var names: [String]? { pictures?.map { ($0 as NSString).lastPathComponent } }

    /// ``names`` without their extensions.
    var stems: [String] { (names ?? []).map { ($0 as NSString).deletingPathExtension } }

    /// Exact for pictures; `nil` for videos.
    var count: Int? { pictures?.count }

    /// The frames that are decoded of `count`: all, or the first and the middle one.
    static func chosen(_ count: Int, isQuick: Bool) -> [Int] {
        isQuick ? Array(Set([0, count / 2]).sorted().prefix(count)) : Array(0..<count)
    }

    /// Hands over name and content of each frame in order, or why it cannot be read; of videos
    /// nothing follows what cannot be read.
    ///
    /// - Parameter isQuick: Whether most frames' sizes alone are read; of videos, only the first
    ///   frame is read.
    /// - Throws: `cancelled`, and what `body` throws.
    func visit(
        isQuick: Bool, _ cancellation: Cancellation?,
        _ body: (String, Result<Content, any Error>) throws -> Void
    ) throws {
        guard let pictures else { return try visitVideo(isQuick: isQuick, cancellation, body) }
        let chosen = Set(Self.chosen(pictures.count, isQuick: isQuick))
        for (index, picture) in pictures.enumerated() {
            try cancellation?.check()
            let content = Result { () -> Content in
                chosen.contains(index)
                    ? .decoded(try ImageFile.readBytes(picture))
                    : .size(try ImageFile.size(of: picture))
            }
            try body((picture as NSString).lastPathComponent, content)
        }
    }

    private func visitVideo(
        isQuick: Bool, _ cancellation: Cancellation?,
        _ body: (String, Result<Content, any Error>) throws -> Void
    ) throws {
        var number = 0
        do {
            let input = try ClipSource.media(path).open()
            while !isQuick || number == 0, let timed = try input.next() {
                try cancellation?.check()
                try body("frame \(number)", .success(.decoded(ByteFrame(rounding: timed.frame))))
                number += 1
            }
        } catch let error as VSRError where error.code == .cancelled {
            throw error
        } catch {
            try body("frame \(number)", .failure(error))
        }
    }
}
