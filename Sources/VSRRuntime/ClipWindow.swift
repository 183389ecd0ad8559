import VSRCore

/// How much of a clip a bidirectional network looks at before it hands frames out.
public enum ClipWindow: Sendable, Equatable, CustomStringConvertible {
    /// All of it: exact, in memory that grows with the clip.
    case whole
    /// So many frames at a time, after `lookAhead` more: bounded memory, frames before a seam
    /// deviate a little.
    case frames(Int, lookAhead: Int)

    /// `whole`, or `windows of 16 frames with 8 more ahead`.
    public var description: String {
        switch self {
        case .whole: "whole"
        case .frames(let length, let lookAhead):
            "windows of \(length.counted("frame")) with \(lookAhead) more ahead"
        }
    }
}

extension UpscalerOptions {
    /// ``windowLength`` and ``lookAhead`` as one.
    public var window: ClipWindow {
        get { windowLength.map { .frames($0, lookAhead: lookAhead) } ?? .whole }
        set {
            switch newValue {
            case .whole: windowLength = nil
            case .frames(let length, let lookAhead):
                windowLength = length
                self.lookAhead = lookAhead
            }
        }
    }
}
