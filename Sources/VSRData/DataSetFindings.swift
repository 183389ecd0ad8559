import VSRCore
import VSRImaging

/// What looking through a data set found.
public struct DataSetFindings: Sendable, Codable, Equatable {
    public var folder: String
    public var layout: ClipLayout
    /// What was recognized, in one sentence.
    public var recognized: String
    public var clips: [Clip]
    /// What is wrong.
    public var faults: [Fault]
    /// What should be known and is not wrong.
    public var notes: [String]
    /// Whether only some frames of each clip were decoded.
    public var isQuick: Bool

    /// Originals of all clips.
    public var frameCount: Int { clips.reduce(0) { $0 + $1.frames } }

    /// What is wrong at one place.
    public struct Fault: Sendable, Codable, Equatable {
        public enum Kind: String, Sendable, Codable {
            case missing, extra, unreadable, duplicate
            /// Frames of one clip have several sizes.
            case mixedSizes = "mixed sizes"
            /// Low-resolution frames that are not those of their originals.
            case mismatch
        }

        public var kind: Kind
        /// A clip, or a folder.
        public var place: String
        /// What exactly, naming files.
        public var text: String
    }

    /// A clip's originals.
    public struct Clip: Sendable, Codable, Equatable {
        public var name: String
        public var frames: Int
        /// Of the first frame, as `720x480`; `nil` if none can be read.
        public var size: String?
        public var lowResolution: [LowResolution]
    }

    /// A clip's low-resolution frames held against its originals.
    public struct LowResolution: Sendable, Codable, Equatable {
        /// The folder that they are in.
        public var folder: String
        public var frames: Int
        public var size: String?
        /// What explains them best; `nil` where nothing could be compared.
        public var made: DegradationPhase?
        /// Whether that surely made them.
        public var isConvincing: Bool
        /// Where their samples lie against those of bicubic's alignment, in pixels of the original:
        /// right and down.
        public var offset: [Double]?
        /// Frames that were compared with what ``made`` makes of their originals.
        public var compared: Int
        /// The largest and the mean difference, in levels of 255.
        public var maximum: Int?
        public var mean: Double?
    }
}
