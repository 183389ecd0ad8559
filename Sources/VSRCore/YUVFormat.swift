/// How planes of luma and color differences hold a picture.
///
/// The names Y, U and V stand for Y′, Cb and Cr of whatever matrix.
public struct YUVFormat: Sendable, Hashable {
    /// The linear relation to RGB; raw values are the code points of ITU-T H.273.
    public enum Matrix: Int, Sendable, Hashable, CaseIterable {
        case bt709 = 1
        /// FCC, title 47.
        case fcc = 4
        /// BT.601, of either 525 or 625 lines.
        case bt601 = 6
        case smpte240 = 7
        /// Planes 1 and 2 are Cg and Co.
        case yCgCo = 8
        /// BT.2020 with non-constant luminance.
        case bt2020 = 9
    }

    /// Luma columns and rows per color sample.
    public struct Subsampling: Sendable, Hashable {
        public var columns: Int
        public var rows: Int

        public init(columns: Int, rows: Int) {
            self.columns = columns
            self.rows = rows
        }

        public static let yuv420 = Subsampling(columns: 2, rows: 2)
        public static let yuv422 = Subsampling(columns: 2, rows: 1)
        public static let yuv444 = Subsampling(columns: 1, rows: 1)

        /// The size of a color plane beside luma of `size`; sides round up.
        public func chromaSize(for size: FrameSize) -> FrameSize {
            FrameSize(
                width: (size.width + columns - 1) / columns,
                height: (size.height + rows - 1) / rows)
        }
    }

    /// Where a color sample sits among its luma samples; raw values are libav's.
    public enum ChromaLocation: Int, Sendable, Hashable, CaseIterable {
        /// In the left column, between rows: H.264's default.
        case left = 1
        /// In the middle, as in JPEG and MPEG-1.
        case center
        /// In the first column and row, as in BT.2020.
        case topLeft
        case top, bottomLeft, bottom
    }

    public var subsampling: Subsampling

    /// Bits per sample: 8 in bytes; 9…16 in the low bits of 16-bit words of the machine's own byte
    /// order.
    public var depth: Int

    public var matrix: Matrix

    /// Whether samples span the whole range (0…255) instead of 16…235 and 16…240.
    public var isFullRange: Bool

    public var chromaLocation: ChromaLocation

    public init(
        _ subsampling: Subsampling = .yuv420, depth: Int = 8, matrix: Matrix,
        isFullRange: Bool = false, chromaLocation: ChromaLocation = .left
    ) {
        self.subsampling = subsampling
        self.depth = depth
        self.matrix = matrix
        self.isFullRange = isFullRange
        self.chromaLocation = chromaLocation
    }

    public var bytesPerSample: Int { depth > 8 ? 2 : 1 }

    /// - Throws: `unsupported` naming the depth or the subsampling.
    public func validate() throws {
        guard (8...16).contains(depth) else {
            throw VSRError(
                .unsupported, "planes of \(depth) bits per sample are not read: use 8 to 16")
        }
        for factor in [subsampling.columns, subsampling.rows] where ![1, 2, 4].contains(factor) {
            throw VSRError(
                .unsupported,
                "color planes with a sample per \(subsampling.columns)x\(subsampling.rows) luma "
                    + "samples are not read: use 4:2:0, 4:2:2 or 4:4:4")
        }
    }
}
