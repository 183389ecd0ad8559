import VSRCore

/// The first line of a YUV4MPEG2 stream.
///
/// Source: the format's description in `yuv4mpeg(5)` of mjpegtools, and the tags that FFmpeg adds.
struct Y4MHeader {
    var size: FrameSize
    var format: YUVFormat
    /// The line's other tags, which are handed on: frame rate, aspect, color space.
    var otherTags: [String]

    static let magic = "YUV4MPEG2"

    /// By the names of tag `C`.
    private static let colorSpaces: [String: YUVFormat] = {
        func format(
            _ subsampling: YUVFormat.Subsampling, depth: Int = 8,
            _ location: YUVFormat.ChromaLocation = .left
        ) -> YUVFormat {
            YUVFormat(subsampling, depth: depth, matrix: .bt601, chromaLocation: location)
        }
        return [
            "420": format(.yuv420, .center), "420jpeg": format(.yuv420, .center),
            "420mpeg2": format(.yuv420), "420paldv": format(.yuv420, .topLeft),
            "422": format(.yuv422), "444": format(.yuv444),
            "420p10": format(.yuv420, depth: 10), "422p10": format(.yuv422, depth: 10),
            "444p10": format(.yuv444, depth: 10),
        ]
    }()

    /// - Throws: `corruptData` or `unsupported` naming the tag.
    init(_ line: String) throws {
        let tags = line.split(separator: " ").map(String.init)
        guard tags.first == Self.magic else {
            throw VSRError(
                .corruptData, "the input does not begin with \(Self.magic): it is no Y4M stream")
        }
        func value(_ key: Character) -> String? {
            tags.dropFirst().first { $0.first == key }.map { String($0.dropFirst()) }
        }
        guard let size = FrameSize("\(value("W") ?? "")x\(value("H") ?? "")") else {
            throw VSRError(.corruptData, "the header \"\(line)\" has no width W and height H")
        }
        let name = value("C") ?? "420"
        guard var format = Self.colorSpaces[name] else {
            throw VSRError(
                .unsupported,
                "color space C\(name) is not read: convert it to 4:2:0, 4:2:2 or 4:4:4 of 8 or 10 "
                    + "bits")
        }
        format.matrix = Self.matrix(for: size)
        format.isFullRange = tags.contains("XCOLORRANGE=FULL")
        self.size = size
        self.format = format
        otherTags = tags.dropFirst().filter { $0.first != "W" && $0.first != "H" }
    }

    func scaled(by factor: Int) -> Y4MHeader {
        var header = self
        header.size = size.scaled(by: factor)
        header.format.matrix = Self.matrix(for: header.size)
        return header
    }

    /// The stream has no tag for the matrix; as players do, it is taken from the size.
    private static func matrix(for size: FrameSize) -> YUVFormat.Matrix {
        size.width >= 1280 || size.height > 576 ? .bt709 : .bt601
    }

    var line: String {
        ([Self.magic, "W\(size.width)", "H\(size.height)"] + otherTags).joined(separator: " ")
    }
}
