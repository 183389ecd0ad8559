import VSRCore
import VSRImaging

/// A source whose pictures are turned as players are told to turn them.
public final class TurnedSource: FrameSource {
    public let properties: VideoProperties
    public var log: ReadingLog? { source.log }
    public var warnings: [String] { source.warnings }
    private let source: any FrameSource
    private let turn: QuarterTurn

    /// `source` itself, or turned where it asks players for a turn that `container` cannot ask for.
    ///
    /// - Parameter container: What the frames are to be written in; `nil` for what asks players for
    ///   nothing, as Y4M.
    public static func source(
        _ source: any FrameSource, for container: Container?
    ) -> any FrameSource {
        guard container?.holdsRotation != true,
            let turn = source.properties.displayMatrix.flatMap({ DisplayMatrix($0).turn }),
            !turn.isIdentity
        else { return source }
        return TurnedSource(source, turn)
    }

    private init(_ source: any FrameSource, _ turn: QuarterTurn) {
        self.source = source
        self.turn = turn
        var properties = source.properties
        // What is assumed of untagged colors depends on the size before the turn.
        properties.color = properties.color.resolved(for: properties.size)
        properties.size = turn.size(of: properties.size)
        properties.rotation = 0
        properties.displayMatrix = nil
        if turn.isTransposing {
            let aspect = properties.sampleAspectRatio
            properties.sampleAspectRatio = Rational(aspect.denominator, aspect.numerator)
        }
        self.properties = properties
    }

    public func survey(first count: Int?) throws { try source.survey(first: count) }

    public func stop() { source.stop() }

    public func next() throws -> TimedFrame? {
        guard var next = try source.next() else { return nil }
        next.frame = turn.apply(to: next.frame)
        next.alpha = next.alpha.map(turn.apply)
        return next
    }

    public func nextPicture() throws -> TimedPicture? {
        guard var next = try source.nextPicture() else { return nil }
        next.picture = .rgb(turn.apply(to: next.picture.frame))
        next.alpha = next.alpha.map(turn.apply)
        return next
    }
}
