import VSRCore

/// What becomes of each stream of a video and of what surrounds them, known before work begins.
public struct StreamPlan: Sendable, Codable, Equatable {
    /// What is written.
    public var container: Container

    /// The input's streams in its order.
    public var streams: [Stream]

    /// What becomes of the chapters; `nil` where there are none.
    public var chapters: Chapters?

    /// When the input's first picture or sound comes, where the output counts from there; seconds.
    public var removedStart: Double?

    /// Degrees clockwise by which the pixels are turned, since the container cannot ask players to.
    public var turned: Int?

    /// Frames per second to whose grid times are rounded, since the container holds no others.
    public var constantRate: Rational?

    /// Whether the input is a pipe, of which only the video is taken.
    public var isReadOnce = false

    public init(
        container: Container, streams: [Stream], chapters: Chapters? = nil,
        removedStart: Double? = nil, turned: Int? = nil, constantRate: Rational? = nil
    ) {
        self.container = container
        self.streams = streams
        self.chapters = chapters
        self.removedStart = removedStart
        self.turned = turned
        self.constantRate = constantRate
    }

    /// A stream of the input and what becomes of it.
    public struct Stream: Sendable, Codable, Equatable {
        public var source: MediaStream
        public var action: Action
        /// libav's name of the codec in the output; `nil` where nothing is written.
        public var codec: String?
        /// Why it is not copied as it is.
        public var reason: Reason?
        /// Containers that could hold it, where it is left out for the container's sake.
        public var holders: [Container]
        /// What of its description the container cannot hold.
        public var losses: [Property]

        public init(
            _ source: MediaStream, _ action: Action, codec: String? = nil, reason: Reason? = nil,
            holders: [Container] = [], losses: [Property] = []
        ) {
            self.source = source
            self.action = action
            self.codec = codec
            self.reason = reason
            self.holders = holders
            self.losses = losses
        }
    }

    /// What becomes of a stream.
    public enum Action: String, Sendable, Codable, CaseIterable {
        case upscale, copy, convert
        /// Written as what the container has in its place: chapters, a timecode.
        case absorb
        case omit
    }

    /// Why a stream is not copied.
    public enum Reason: String, Sendable, Codable, CaseIterable {
        /// The container cannot hold the codec or kind of stream.
        case container
        /// libav cannot tell what it is.
        case unknown
        /// The user asked for it to be left out.
        case unwanted
        /// It holds no packets of its own.
        case described
    }

    /// A part of a stream's description.
    public enum Property: String, Sendable, Codable, CaseIterable {
        case language, title
    }

    /// The chapters of the input.
    public struct Chapters: Sendable, Codable, Equatable {
        public var count: Int
        public var action: Action

        public init(count: Int, action: Action) {
            self.count = count
            self.action = action
        }
    }

    /// Streams that are left out though nobody asked for it.
    public var lost: [Stream] { streams.filter { $0.action == .omit && $0.reason != .unwanted } }

    /// Whether all of the input, but for what was not asked for, is in the output.
    public var keepsEverything: Bool {
        lost.isEmpty && chapters?.action != .omit && streams.allSatisfy(\.losses.isEmpty)
            && !isReadOnce
    }

    /// - Throws: `unsupported`, saying what would be lost.
    func requireEverything(into path: String) throws {
        guard !keepsEverything else { return }
        let lossCodes: Set<Warning.Code> = [
            .streamOmitted, .chaptersOmitted, .descriptionLost, .inputReadOnce,
        ]
        let texts = warnings.filter { lossCodes.contains($0.code) }.map(\.text)
        throw VSRError(
            .unsupported,
            "\(path) cannot hold all of the input: \(texts.joined(separator: "; ")); name another "
                + "output, or allow losses")
    }
}

/// What a container says of one of its streams.
public struct MediaStream: Sendable, Codable, Equatable {
    /// Position in the file, from 0.
    public var index: Int
    public var kind: Kind
    /// libav's name, `aac`.
    public var codec: String
    /// ISO 639-2, `deu`.
    public var language: String?
    public var title: String?
    /// libav's names, `default`, `hearing_impaired`.
    public var dispositions: [String]
    /// Of attachments.
    public var fileName: String?
    /// Of attachments.
    public var mimeType: String?
    /// `64x48`, or `48000 Hz, stereo`.
    public var form: String?

    public enum Kind: String, Sendable, Codable, CaseIterable {
        case video, audio, subtitle, attachment
        /// A picture that stands for the whole, as on a record's sleeve.
        case cover
        case timecode
        /// A text track that holds the titles of chapters.
        case chapterTitles
        case data
    }

    public init(
        index: Int, kind: Kind, codec: String, language: String? = nil, title: String? = nil,
        dispositions: [String] = [], fileName: String? = nil, mimeType: String? = nil,
        form: String? = nil
    ) {
        self.index = index
        self.kind = kind
        self.codec = codec
        self.language = language
        self.title = title
        self.dispositions = dispositions
        self.fileName = fileName
        self.mimeType = mimeType
        self.form = form
    }
}
