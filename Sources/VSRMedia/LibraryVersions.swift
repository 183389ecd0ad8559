import CLibAV

/// Which libav does the work.
public enum LibraryVersions {
    /// `libavcodec 59.37.100`.
    public static var text: String {
        let version = avcodec_version()
        return "libavcodec \(version >> 16).\(version >> 8 & 255).\(version & 255)"
    }
}
