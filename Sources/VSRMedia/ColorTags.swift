import CLibAV
import VSRCore

/// What a stream says about its colors, as the code points of ITU-T H.273 (2 = unspecified).
public struct ColorTags: Sendable, Hashable, Codable {
    /// 1 BT.709, 5 and 6 BT.601, 9 BT.2020, 0 RGB.
    public var matrix: Int
    public var primaries: Int
    public var transfer: Int
    /// Whether samples span the whole range (0...255) instead of 16...235; `nil` if unspecified.
    public var isFullRange: Bool?
    /// libav's chroma location: 0 unspecified, 1 left, 2 center, 3 top left.
    public var chromaLocation: Int

    public init(
        matrix: Int = 2, primaries: Int = 2, transfer: Int = 2, isFullRange: Bool? = nil,
        chromaLocation: Int = 0
    ) {
        self.matrix = matrix
        self.primaries = primaries
        self.transfer = transfer
        self.isFullRange = isFullRange
        self.chromaLocation = chromaLocation
    }

    /// The tags with the matrix and the range that are used where the stream leaves them open.
    ///
    /// As players do: pictures wider than 1279 or higher than 576 pixels are BT.709, smaller ones
    /// BT.601, and the range is limited. An enlarged video must carry the result as tags, or it
    /// would cross that border and change its colors.
    public func resolved(for size: FrameSize) -> ColorTags {
        var tags = self
        if tags.matrix == 2 || tags.matrix == 3 {
            tags.matrix = size.width >= 1280 || size.height > 576 ? 1 : 6
        }
        tags.isFullRange = tags.isFullRange ?? false
        return tags
    }

    /// The tags of a video that is written: those by which its source, with frames of `size`, was
    /// read.
    func forVideo(of size: FrameSize) -> ColorTags {
        var tags = self
        if tags.matrix == 0 {
            // Pictures and RGB video: BT.709, limited, as every player expects.
            tags.matrix = 1
            tags.isFullRange = false
            if tags.primaries == 2 { tags.primaries = 1 }
            if tags.transfer == 2 { tags.transfer = 1 }
        }
        return tags.resolved(for: size)
    }

    /// How planes with these tags hold a picture; resolved tags: matrix and range are stated.
    ///
    /// Color samples are sited left where the stream leaves it open, as H.264 prescribes.
    ///
    /// - Throws: `unsupported` for relations to RGB that are no matrix (constant luminance, ICtCp).
    func format(
        _ subsampling: YUVFormat.Subsampling, depth: Int, of name: String
    ) throws -> YUVFormat {
        // Code points 5 and 6 are BT.601 of 625 and of 525 lines.
        guard let matrix = YUVFormat.Matrix(rawValue: matrix == 5 ? 6 : matrix) else {
            throw VSRError(
                .unsupported,
                "\(name) uses color matrix \(matrix) of H.273, which is not linear in RGB: "
                    + "convert it to BT.709 first")
        }
        return YUVFormat(
            subsampling, depth: depth, matrix: matrix, isFullRange: isFullRange ?? false,
            chromaLocation: .init(rawValue: chromaLocation) ?? .left)
    }
}

extension ColorTags {
    init(
        space: AVColorSpace, primaries: AVColorPrimaries,
        transfer: AVColorTransferCharacteristic, range: AVColorRange, location: AVChromaLocation
    ) {
        self.init(
            matrix: Int(space.rawValue), primaries: Int(primaries.rawValue),
            transfer: Int(transfer.rawValue),
            isFullRange: range == AVCOL_RANGE_JPEG ? true : range == AVCOL_RANGE_MPEG ? false : nil,
            chromaLocation: Int(location.rawValue))
    }

    var avSpace: AVColorSpace { AVColorSpace(rawValue: UInt32(clamping: matrix)) }
    var avPrimaries: AVColorPrimaries { AVColorPrimaries(rawValue: UInt32(clamping: primaries)) }
    var avTransfer: AVColorTransferCharacteristic {
        AVColorTransferCharacteristic(rawValue: UInt32(clamping: transfer))
    }
    var avRange: AVColorRange {
        isFullRange.map { $0 ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG } ?? AVCOL_RANGE_UNSPECIFIED
    }
    var avLocation: AVChromaLocation {
        AVChromaLocation(rawValue: UInt32(clamping: chromaLocation))
    }
}
