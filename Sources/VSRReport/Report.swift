import Foundation

/// What a report page shows, as data: kept as JSON beside the page, so that it can be drawn again.
public struct Report: Sendable, Codable, Equatable {
    public var title: String
    /// What was done and what came out, in one or two sentences.
    public var summary: String
    /// The few figures that matter most, shown large.
    public var highlights: [Highlight]
    public var methods: [Method]
    /// Tables of the report's own, each in a frame with its explanation.
    public var tables: [Table]
    public var charts: [Chart]
    public var comparisons: [ImageComparison]
    /// Under which conditions the figures were taken: machine, seed, command, conventions.
    public var conditions: [Condition]

    public init(
        title: String, summary: String, highlights: [Highlight] = [], methods: [Method] = [],
        tables: [Table] = [], charts: [Chart] = [], comparisons: [ImageComparison] = [],
        conditions: [Condition] = []
    ) {
        self.title = title
        self.summary = summary
        self.highlights = highlights
        self.methods = methods
        self.tables = tables
        self.charts = charts
        self.comparisons = comparisons
        self.conditions = conditions
    }
}

extension Report {
    /// A figure shown large: `2.1×`, `fewer operations than the dense network`.
    public struct Highlight: Sendable, Codable, Equatable {
        public var figure: String
        public var meaning: String

        public init(_ figure: String, _ meaning: String) {
            self.figure = figure
            self.meaning = meaning
        }
    }

    /// One line of the conditions: `seed`, `1`.
    public struct Condition: Sendable, Codable, Equatable {
        public var name: String
        public var value: String

        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// A row of the comparison table; what was not measured is `nil` and shown as a dash.
    public struct Method: Sendable, Codable, Equatable {
        public var name: String
        /// How it was made, in a few words.
        public var note: String
        /// In dB.
        public var psnr: Double?
        public var ssim: Double?
        /// Multiply-accumulates per frame.
        public var macs: Cost?
        public var parameters: Cost?
        /// Milliseconds per frame.
        public var time: Timing?
        /// Training iterations spent after the dense network.
        public var iterations: Int?
        /// Whether the row is the one that the page is about.
        public var isEmphasized: Bool

        public init(
            name: String, note: String = "", psnr: Double? = nil, ssim: Double? = nil,
            macs: Cost? = nil, parameters: Cost? = nil, time: Timing? = nil,
            iterations: Int? = nil, isEmphasized: Bool = false
        ) {
            self.name = name
            self.note = note
            self.psnr = psnr
            self.ssim = ssim
            self.macs = macs
            self.parameters = parameters
            self.time = time
            self.iterations = iterations
            self.isEmphasized = isEmphasized
        }
    }

    /// A count without and with the flow network.
    public struct Cost: Sendable, Codable, Equatable {
        public var withoutFlow: Int
        public var withFlow: Int

        public init(withoutFlow: Int, withFlow: Int) {
            self.withoutFlow = withoutFlow
            self.withFlow = withFlow
        }
    }

    /// Milliseconds per frame: the median and the range in which the middle half lay.
    public struct Timing: Sendable, Codable, Equatable {
        public var median: Double
        public var lowerQuartile: Double
        public var upperQuartile: Double

        public init(median: Double, lowerQuartile: Double, upperQuartile: Double) {
            self.median = median
            self.lowerQuartile = lowerQuartile
            self.upperQuartile = upperQuartile
        }
    }

    /// The same picture by several methods, two of them at a time under a slider.
    public struct ImageComparison: Sendable, Codable, Equatable {
        public var title: String
        /// At least two pictures of one size; the first and the last are shown at first.
        public var images: [NamedImage]

        public init(title: String, images: [NamedImage]) {
            self.title = title
            self.images = images
        }
    }

    /// An encoded picture.
    public struct NamedImage: Sendable, Codable, Equatable {
        public var name: String
        /// `image/png`, `image/jpeg`.
        public var mediaType: String
        public var data: Data

        public init(name: String, mediaType: String, data: Data) {
            self.name = name
            self.mediaType = mediaType
            self.data = data
        }
    }
}
