/// The size of a picture, in pixels.
public struct FrameSize: Sendable, Hashable, Codable, CustomStringConvertible {
    public var width: Int
    public var height: Int

    public init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }

    /// Number of pixels.
    public var area: Int { width * height }

    /// As people write it: `320x180`.
    public var description: String { "\(width)x\(height)" }

    /// The size with both sides multiplied by `factor`.
    public func scaled(by factor: Int) -> FrameSize {
        FrameSize(width: width * factor, height: height * factor)
    }

    /// The largest size not above this one whose sides are multiples of `factor`.
    public func rounded(downToMultipleOf factor: Int) -> FrameSize {
        FrameSize(width: width / factor * factor, height: height / factor * factor)
    }

    /// Parses `WIDTHxHEIGHT`, for example `320x180`; `nil` unless both sides are positive.
    public init?(_ text: some StringProtocol) {
        let parts = text.lowercased().split(separator: "x", omittingEmptySubsequences: false)
        guard parts.count == 2, let width = Int(parts[0]), let height = Int(parts[1]),
            width > 0, height > 0
        else { return nil }
        self.init(width: width, height: height)
    }
}
