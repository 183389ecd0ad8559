/// An array of numbers, row-major, in double precision.
struct ArrayValue: Equatable {
    var shape: [Int]
    var values: [Double]

    struct Mismatch: Error { var text: String }

    init(shape: [Int], values: [Double]) throws {
        guard values.count == shape.reduce(1, *) else {
            throw Mismatch(text: "\(values.count) values of shape \(shape)")
        }
        self.shape = shape
        self.values = values
    }

    init(_ shape: [Int], at value: (_ place: [Int]) throws -> Double) rethrows {
        self.shape = shape
        var values: [Double] = []
        var place = Array(repeating: 0, count: shape.count)
        for _ in 0..<shape.reduce(1, *) {
            values.append(try value(place))
            for axis in shape.indices.reversed() {
                place[axis] += 1
                if place[axis] < shape[axis] { break }
                place[axis] = 0
            }
        }
        self.values = values
    }

    subscript(place: [Int]) -> Double {
        values[zip(place, shape).reduce(0) { $0 * $1.1 + $1.0 }]
    }

    /// The same numbers at another shape that broadcasts from this one, as NumPy does it.
    func broadcast(to target: [Int]) throws -> ArrayValue {
        guard shape.count <= target.count else { throw Mismatch(text: "\(shape) to \(target)") }
        let own = Array(repeating: 1, count: target.count - shape.count) + shape
        guard zip(own, target).allSatisfy({ $0 == 1 || $0 == $1 }) else {
            throw Mismatch(text: "\(shape) to \(target)")
        }
        let source = try ArrayValue(shape: own, values: values)
        return ArrayValue(target) { place in
            source[zip(place, own).map { $1 == 1 ? 0 : $0 }]
        }
    }

    static func broadcastShape(_ one: [Int], _ other: [Int]) -> [Int] {
        let rank = max(one.count, other.count)
        let padded = [one, other].map { Array(repeating: 1, count: rank - $0.count) + $0 }
        return zip(padded[0], padded[1]).map { $0 == 1 ? $1 : $0 }
    }
}
