import VSRCore

/// A frame that a page shows, and why.
struct ShownFrame: Equatable {
    /// Its place among the compared frames.
    var index: Int
    var reason: String
}

extension VideoComparison.Outcome {
    /// The worst frames by value, and those in which A and B differ most, at most `count` of each
    /// kind, no two close to each other.
    func shownFrames(count: Int = 2) -> [ShownFrame] {
        var shown: [ShownFrame] = []
        let distance = max(frameCount / 25, 1)
        /// Adds frames of low values, but not those that have the best one there is.
        func add(_ value: (Int) -> Double, below best: Double, _ reason: (Int) -> String) {
            let values = (0..<frameCount).map(value)
            var added = 0
            for index in values.indices.sorted(by: { (values[$0], $0) < (values[$1], $1) }) {
                guard added < count, values[index] < best else { break }
                guard shown.allSatisfy({ abs($0.index - index) >= distance }) else { continue }
                shown.append(ShownFrame(index: index, reason: reason(index)))
                added += 1
            }
        }
        for pair in pairs {
            let name = pairs.count > 1 ? " of " + pair.name : ""
            add({ pair.frames[$0].psnr }, below: .infinity) {
                "low PSNR\(name), \(Self.number(pair.frames[$0].psnr, 2)) dB"
            }
        }
        guard pairs.count > 1 else {
            add({ pairs[0].frames[$0].ssim }, below: 1) {
                "low SSIM, \(Self.number(pairs[0].frames[$0].ssim, 4))"
            }
            return shown
        }
        func difference(_ index: Int) -> Double {
            let value = pairs[0].frames[index].psnr - pairs[1].frames[index].psnr
            return value.isNaN ? 0 : value
        }
        add({ -abs(difference($0)) }, below: 0) { index in
            let value = difference(index)
            return "\(value > 0 ? "A" : "B") is better by \(Self.number(abs(value), 2)) dB"
        }
        return shown
    }

    /// `frame 123 at 0:04.92`, or without the time where there is none.
    func place(_ index: Int) -> String {
        let number = numbers[index][0]
        guard matching == .time else { return "frame \(number)" }
        let time = times[index]
        let minutes = Int(time / 60)
        let seconds = TextTable.decimal(time - Double(minutes) * 60, 2)
        return "frame \(number) at \(minutes):\(seconds.count < 5 ? "0" : "")\(seconds)"
    }
}
