import VSRCore

/// Which squares of a clip's pictures have stood still for ``patience`` frames.
///
/// Each square is compared with a reference, the picture at which it last moved or had become
/// brighter or darker. Noise makes both
/// the difference to the picture before and that to the reference, a motion however slow makes the
/// latter grow beyond the former. Where a square has too little texture for a motion to show, it
/// follows its nearest neighbor that has enough.
///
/// `docs/runtime.md` explains the rules.
final class StillnessTracker {
    /// Frames that a square must have stood still for.
    static let patience = 16

    /// Frames after which a square is worth remembering as it is: some networks' states are at their
    /// best then and drift from there on.
    static let settling = 4

    /// The patience for squares with texture beside others that move.
    static let longPatience = 48

    /// Limits of what counts as still, in 8-bit levels of brightness and input pixels.
    private enum Limit {
        /// Of the difference to the reference, in multiples of that to the picture before.
        static let growth: Float = 1.6
        /// Levels² that the difference may be greater in any case.
        static let floor: Float = 0.1
        /// Pixels² that a textured square may have moved.
        static let displacement: Float = 1.0 / 16
        /// Levels by which a square may become brighter or darker within ``fade`` frames; beyond
        /// them it gets another reference.
        static let shift: Float = 2
        static let fade = 8
        /// Texture that shows motion, in multiples of the noise and beyond it.
        static let contrast: Float = 2
        static let texture: Float = 1
        /// Noise in levels² up to which a square without texture may be still if its neighbors
        /// are, and if the whole picture has none.
        static let noise: Float = 32
        static let blankNoise: Float = 8
        /// Frames after which the texture is looked at, and over which noise is averaged.
        static let look = 4
        static let memory = 16
        /// Squares of fewer pixels say nothing.
        static let pixels = 64
    }

    private struct Square {
        let area: PixelArea
        /// Frames since it last moved.
        var age = 0
        /// Frames since the reference.
        var referenceAge = 0
        var noise: Float = 0
        var texture: Float = 0
        /// Counts references.
        var reference = 0

        var isMature: Bool { age >= StillnessTracker.patience }
        var isTextured: Bool { texture >= Limit.contrast * noise + Limit.texture }
    }

    private enum Verdict { case unknown, still, moving }

    let grid: SquareGrid
    /// Whether each square is to be held, as of the last picture.
    private(set) var held: [Bool]
    /// Whether any is, and whether all are.
    private(set) var holdsAny = false
    private(set) var holdsAll = false

    private var squares: [Square]
    private var verdicts: [Verdict]
    private var queue: [Int] = []
    private var picture: FloatBuffer
    private var before: FloatBuffer
    private let reference: FloatBuffer
    private var hasPicture = false

    /// - Throws: `outOfMemory`.
    init(_ size: FrameSize) throws {
        grid = SquareGrid(size)
        squares = (0..<grid.count).map { [grid] in Square(area: grid.area($0)) }
        verdicts = Array(repeating: .unknown, count: grid.count)
        held = Array(repeating: false, count: grid.count)
        queue.reserveCapacity(grid.count)
        picture = try FloatBuffer(count: size.area)
        before = try FloatBuffer(count: size.area)
        reference = try FloatBuffer(count: size.area)
    }

    var bytes: Int { picture.bytes + before.bytes + reference.bytes }

    /// Counts the references that square `index` has had.
    func referenceNumber(_ index: Int) -> Int { squares[index].reference }

    /// Frames since square `index` last moved.
    func age(_ index: Int) -> Int { squares[index].age }

    /// Forgets the clip.
    func reset() {
        hasPicture = false
        releaseAll()
    }

    /// Takes the clip's next picture, planes `[3, height, width]` in 0…1.
    func observe(_ planes: UnsafePointer<Float>) {
        swap(&picture, &before)
        SquareStatistics.brightness(of: planes, count: grid.size.area, into: picture.base)
        var anyIsMature = false
        for index in squares.indices {
            if hasPicture { compare(index) } else { restart(index) }
            anyIsMature = anyIsMature || squares[index].isMature
        }
        hasPicture = true
        if anyIsMature { decide() } else if holdsAny { releaseAll() }
    }

    private func releaseAll() {
        for index in held.indices { held[index] = false }
        holdsAny = false
        holdsAll = false
    }

    private func compare(_ index: Int) {
        let area = squares[index].area
        guard area.count >= Limit.pixels else { return }
        let change = SquareStatistics.change(
            picture.base, before: before.base, reference: reference.base, stride: grid.size.width,
            area)
        squares[index].age += 1
        squares[index].referenceAge += 1
        let age = squares[index].age
        squares[index].noise +=
            (change.recent - squares[index].noise) / Float(min(age, Limit.memory))
        let noise = squares[index].noise
        if age == Limit.look {
            squares[index].texture = SquareStatistics.texture(
                reference.base, stride: grid.size.width, area, noise: noise)
        }
        let texture = age >= Limit.look ? squares[index].texture : 0
        let limit = Limit.growth * noise + Limit.displacement * texture + Limit.floor
        // Written so that NaN counts as motion.
        let isStill =
            change.total <= limit
            && (age < Limit.look || squares[index].isTextured || noise <= Limit.noise)
        let isAsBright = abs(change.shift) <= Limit.shift
        if isStill, isAsBright { return }
        if isStill, squares[index].referenceAge >= Limit.fade {
            takeReference(index)
        } else {
            restart(index)
        }
    }

    /// Notes that a square has moved.
    private func restart(_ index: Int) {
        takeReference(index)
        squares[index].age = 0
        squares[index].noise = 0
        squares[index].texture = 0
    }

    /// Makes the picture the reference of a square.
    private func takeReference(_ index: Int) {
        let area = squares[index].area
        let width = grid.size.width
        for y in area.top..<area.bottom {
            let start = y * width + area.left
            (reference.base + start).update(from: picture.base + start, count: area.width)
        }
        squares[index].referenceAge = 0
        squares[index].reference += 1
    }

    /// Squares begin to be held where all around is still, or where they have been for long, and
    /// end where they move themselves.
    private func decide() {
        judge()
        holdsAny = false
        holdsAll = true
        for index in held.indices {
            var holds = verdicts[index] == .still
            let isSure =
                squares[index].age >= Self.longPatience && squares[index].isTextured
            if holds && !held[index] && !isSure {
                grid.forEachNeighbor(of: index) { other, _, _ in
                    holds = holds && verdicts[other] == .still
                }
            }
            held[index] = holds
            holdsAny = holdsAny || holds
            holdsAll = holdsAll && holds
        }
    }

    /// Verdicts on all squares: those without texture take that of the nearest that has one, and a
    /// moving one's where two are equally near.
    private func judge() {
        var noise: Float = 0
        for index in squares.indices {
            let square = squares[index]
            noise = max(noise, square.noise)
            verdicts[index] = !square.isMature ? .moving : square.isTextured ? .still : .unknown
        }
        queue.removeAll(keepingCapacity: true)
        queue.append(contentsOf: verdicts.indices.lazy.filter { self.verdicts[$0] == .moving })
        queue.append(contentsOf: verdicts.indices.lazy.filter { self.verdicts[$0] == .still })
        if queue.isEmpty {
            let isBlank = noise <= Limit.blankNoise
            for index in verdicts.indices { verdicts[index] = isBlank ? .still : .moving }
        }
        var next = 0
        while next < queue.count {
            let index = queue[next]
            let verdict = verdicts[index]
            grid.forEachNeighbor(of: index) { other, _, _ in
                if verdicts[other] == .unknown {
                    verdicts[other] = verdict
                    queue.append(other)
                }
            }
            next += 1
        }
    }
}
