import VSRCore

/// What is known of a video before its frames are decoded; a writer takes over what it can.
public struct VideoProperties: Sendable, Equatable {
    public var size: FrameSize

    /// Seconds per tick of ``TimedFrame/timestamp``.
    public var timeBase: Rational

    /// Average frames per second, if known.
    public var frameRate: Rational?

    /// Number of frames: exact for folders, the container's claim or an estimate from duration and
    /// rate for videos.
    public var frameCount: Int?

    /// Seconds, if known.
    public var duration: Double?

    public var color: ColorTags

    /// Width over height of one sample; 1/1 for square pixels.
    public var sampleAspectRatio: Rational

    /// Degrees by which players turn the picture clockwise; frames are handed out as stored.
    public var rotation: Int

    /// The nine numbers of the display matrix behind ``rotation``, if there is one.
    public var displayMatrix: [Int32]?

    /// libav's name of the sample format, `yuv420p10le`.
    public var pixelFormat: String

    /// Bits per sample.
    public var depth: Int

    /// Luma columns and rows per color sample that a writer keeps as far as it can; 4:2:0 of
    /// pictures and gray videos, 4:4:4 of RGB videos.
    public var subsampling: YUVFormat.Subsampling

    /// Whether frames have ``TimedPicture/alpha``.
    public var hasAlpha: Bool

    /// The display that an HDR video was graded on, and its brightness, as far as stated.
    public var hdr: HDRMetadata?

    /// An ICC profile for RGB that the colors of pictures are in.
    public var colorProfile: [UInt8]?

    /// libav's name of the codec, `h264`.
    public var codec: String

    /// The file whose audio and subtitles can be copied, if it is a video.
    public var path: String?

    /// Whether ``path`` names what can be read only once, a pipe.
    public var isReadOnce: Bool

    public init(
        size: FrameSize, timeBase: Rational, frameRate: Rational? = nil, frameCount: Int? = nil,
        duration: Double? = nil, color: ColorTags = ColorTags(),
        sampleAspectRatio: Rational = Rational(1, 1), rotation: Int = 0,
        displayMatrix: [Int32]? = nil, pixelFormat: String = "rgb24", depth: Int = 8,
        codec: String = "", path: String? = nil, subsampling: YUVFormat.Subsampling = .yuv420,
        hasAlpha: Bool = false, hdr: HDRMetadata? = nil, colorProfile: [UInt8]? = nil,
        isReadOnce: Bool = false
    ) {
        self.size = size
        self.timeBase = timeBase
        self.frameRate = frameRate
        self.frameCount = frameCount
        self.duration = duration
        self.color = color
        self.sampleAspectRatio = sampleAspectRatio
        self.rotation = rotation
        self.displayMatrix = displayMatrix
        self.pixelFormat = pixelFormat
        self.depth = depth
        self.codec = codec
        self.path = path
        self.isReadOnce = isReadOnce
        self.subsampling = subsampling
        self.hasAlpha = hasAlpha
        self.hdr = hdr
        self.colorProfile = colorProfile
    }
}
