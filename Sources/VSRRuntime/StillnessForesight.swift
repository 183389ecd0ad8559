/// Which squares are to be held at each of a branch's steps.
///
/// Pictures may be seen ahead of their steps. A square that is found to have stood still for as long
/// as ``StillnessTracker`` asks for is then held from the ``StillnessTracker/settling``-th of these
/// frames on, as far as their steps are still to come: a network that sees a clip's frames beforehand
/// need not wait. What the tracker never holds is never held.
final class StillnessForesight {
    /// What is known of a picture.
    struct Sight {
        /// For each square: the frames since it last moved, the number of its reference, and whether
        /// it is to be held.
        fileprivate(set) var ages: [Int]
        fileprivate(set) var references: [Int]
        fileprivate(set) var held: [Bool]

        fileprivate init(_ count: Int) {
            ages = Array(repeating: 0, count: count)
            references = ages
            held = Array(repeating: false, count: count)
        }

        /// Whether square `index` has stood still for long enough to be kept as it is.
        func isSettled(_ index: Int) -> Bool { ages[index] >= StillnessTracker.settling }

        var holdsAny: Bool { held.contains(true) }
        var holdsAll: Bool { !held.contains(false) }
    }

    private let tracker: StillnessTracker
    /// A ring; the present picture is the first of `count`, or none where that is 0.
    private var sights: [Sight] = []
    private var first = 0
    private var count = 0
    /// What the tracker held at the last picture seen.
    private var trackedHeld: [Bool]
    /// Squares that are known to stand still for as long as the pictures last.
    private var known: [Bool]

    var grid: SquareGrid { tracker.grid }

    init(_ tracker: StillnessTracker) {
        self.tracker = tracker
        trackedHeld = tracker.held
        known = tracker.held
    }

    /// Forgets the clip.
    func reset() {
        tracker.reset()
        first = 0
        count = 0
        for index in trackedHeld.indices {
            trackedHeld[index] = false
            known[index] = false
        }
    }

    /// Forgets the clip, of which `pictures` are to come, the last that another branch has seen.
    ///
    /// Squares that it has found still in all of them need not be watched for long.
    ///
    /// - Returns: Whether there are any.
    func reset(for pictures: Int, after other: StillnessForesight) -> Bool {
        reset()
        guard other.count > 0 else { return false }
        let last = (other.first + other.count - 1) % other.sights.count
        var isAny = false
        for index in known.indices
        where other.sights[last].held[index] && other.sights[last].ages[index] >= pictures - 1 {
            known[index] = true
            isAny = true
        }
        return isAny
    }

    /// Pictures seen whose steps are to come, the present one not counted.
    private(set) var ahead = 0

    /// The present picture.
    var present: Sight { sights[first] }

    /// Takes the picture after the last one seen, planes `[3, height, width]` in 0…1.
    func see(_ planes: UnsafePointer<Float>) {
        tracker.observe(planes)
        if count == sights.count { grow() }
        let place = (first + count) % sights.count
        for index in 0..<grid.count {
            sights[place].ages[index] = tracker.age(index)
            sights[place].references[index] = tracker.referenceNumber(index)
            let isHeld = tracker.held[index]
            sights[place].held[index] = isHeld
            if isHeld && !trackedHeld[index] { holdEarlier(index) }
            if known[index], sights[place].isSettled(index) {
                sights[place].held[index] = true
            }
            trackedHeld[index] = isHeld
        }
        count += 1
        ahead += 1
    }

    /// Goes on to the step of the next picture seen.
    func advance() {
        if ahead < count {
            first = (first + 1) % sights.count
            count -= 1
        }
        ahead -= 1
    }

    /// Holds a square at the steps to come of the frames for which it has stood still by now.
    private func holdEarlier(_ index: Int) {
        var age = tracker.age(index)
        for back in 0..<ahead {
            age -= 1
            let place = (first + count - 1 - back) % sights.count
            guard age >= StillnessTracker.settling, sights[place].ages[index] == age else { return }
            sights[place].held[index] = true
        }
    }

    /// Makes room for another picture.
    private func grow() {
        let inOrder = (0..<count).map { sights[(first + $0) % sights.count] }
        let room = max(2, 2 * count)
        sights = inOrder + (count..<room).map { _ in Sight(grid.count) }
        first = 0
    }
}
