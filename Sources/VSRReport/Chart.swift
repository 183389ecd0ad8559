/// A chart as data; ``ReportPage`` draws it.
public struct Chart: Sendable, Codable, Equatable {
    /// How the series are drawn.
    public enum Style: String, Sendable, Codable {
        /// Points joined by lines.
        case lines
        /// Points with their series' name beside them.
        case points
        /// Bars side by side at each category.
        case bars
    }

    public var title: String
    /// What it shows and how to read it.
    public var explanation: String
    public var style: Style
    public var horizontalLabel: String
    public var verticalLabel: String
    public var series: [Series]
    /// Names along the horizontal axis of ``Style/bars``; a point's `x` is its index.
    public var categories: [String]
    /// The vertical axis' ends; by default what the values need.
    public var verticalRange: Range?

    public init(
        title: String, style: Style, horizontalLabel: String, verticalLabel: String,
        series: [Series], categories: [String] = [], verticalRange: Range? = nil,
        explanation: String = ""
    ) {
        self.title = title
        self.style = style
        self.horizontalLabel = horizontalLabel
        self.verticalLabel = verticalLabel
        self.series = series
        self.categories = categories
        self.verticalRange = verticalRange
        self.explanation = explanation
    }

    /// Values under one name and color.
    public struct Series: Sendable, Codable, Equatable {
        public var name: String
        public var points: [Point]

        public init(name: String, points: [Point]) {
            self.name = name
            self.points = points
        }
    }

    public struct Point: Sendable, Codable, Equatable {
        public var x: Double
        public var y: Double

        public init(_ x: Double, _ y: Double) {
            self.x = x
            self.y = y
        }
    }

    /// The ends of an axis.
    public struct Range: Sendable, Codable, Equatable {
        public var lower: Double
        public var upper: Double

        public init(_ lower: Double, _ upper: Double) {
            self.lower = lower
            self.upper = upper
        }
    }
}
