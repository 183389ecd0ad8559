/// ‖a − b‖₂ / ‖b‖₂ in double, the numerator alone where b is zero; infinite where the counts differ
/// or a value is not finite.
public func relativeError(_ a: [Float], _ b: [Float]) -> Double {
    guard a.count == b.count else { return .infinity }
    var difference = 0.0
    var norm = 0.0
    for (x, y) in zip(a, b) {
        difference += (Double(x) - Double(y)) * (Double(x) - Double(y))
        norm += Double(y) * Double(y)
    }
    guard difference.isFinite, norm.isFinite else { return .infinity }
    return (norm > 0 ? difference / norm : difference).squareRoot()
}
