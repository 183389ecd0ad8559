import Foundation
import VSRCore
import VSRImaging
import VSRMedia

/// Holds a clip's low-resolution frames against its originals.
struct FrameComparison {
    private let scale: Int
    private var frames = 0
    private var size: FrameSize?
    private var candidates: [DegradationPhase] = []
    private var compared = 0
    private var maximum = 0
    private var sum = 0
    private var samples = 0
    private var missing: [String] = []
    private var extra: [String] = []
    private var unreadable: [String] = []
    private var wrongSizes: [String] = []
    /// Frames that what made the others does not explain.
    private var strangers: [String] = []
    private(set) var notes: [String] = []

    /// Decibels from which a degradation is taken to have made the frames, and below which frames
    /// are not those of the originals.
    private static let (sure, foreign) = (42.0, 30.0)

    init(scale: Int) { self.scale = scale }

    /// - Throws: `cancelled`; what opening and decoding videos throw.
    mutating func run(
        _ originals: FrameFiles, _ low: FrameFiles, isQuick: Bool, _ cancellation: Cancellation?
    ) throws {
        guard let high = originals.pictures, let small = low.pictures else {
            return try runInOrder(originals, low, isQuick: isQuick, cancellation)
        }
        frames = small.count
        size = small.first.flatMap { try? ImageFile.size(of: $0) }
        let pairs = pairs(originals.stems, low.stems)
        let chosen = FrameFiles.chosen(pairs.count, isQuick: isQuick)
        let probes = FrameFiles.chosen(pairs.count, isQuick: true).compactMap { index in
            let pair = pairs[index]
            return self.pair(
                try? ImageFile.readBytes(high[pair.0]), try? ImageFile.readBytes(small[pair.1]))
        }
        try probe(probes)
        for index in chosen {
            try cancellation?.check()
            let (first, second) = pairs[index]
            let name = (small[second] as NSString).lastPathComponent
            let frame: ByteFrame
            do {
                frame = try ImageFile.readBytes(small[second])
            } catch {
                unreadable.append(name)
                continue
            }
            // Originals that cannot be read are told of where they are looked at.
            guard let original = try? ImageFile.readBytes(high[first]) else { continue }
            try compare(original, frame, name)
        }
    }

    /// Places of originals and of low-resolution frames that belong together: by their names, or in
    /// order where no name is in both.
    private mutating func pairs(_ high: [String], _ low: [String]) -> [(Int, Int)] {
        let places = Dictionary(low.enumerated().map { ($1, $0) }) { first, _ in first }
        let common = high.enumerated().compactMap { index, name in places[name].map { (index, $0) }
        }
        guard common.isEmpty else {
            missing = high.filter { places[$0] == nil }
            extra = low.filter { !Set(high).contains($0) }
            return common
        }
        if high.count != low.count {
            let text = "of \(high.count.counted("frame"))"
            if low.count < high.count { missing = ["\(high.count - low.count) \(text)"] }
            if low.count > high.count { extra = ["\(low.count - high.count) beyond \(text)"] }
        }
        if !high.isEmpty, !low.isEmpty { notes.append("paired in order, since names differ") }
        return (0..<min(high.count, low.count)).map { ($0, $0) }
    }

    private mutating func runInOrder(
        _ originals: FrameFiles, _ low: FrameFiles, isQuick: Bool, _ cancellation: Cancellation?
    ) throws {
        let (first, second) = (
            try ClipSource.media(originals.path).open(), try ClipSource.media(low.path).open()
        )
        size = second.properties.size
        while !isQuick || frames == 0 {
            try cancellation?.check()
            let (high, small) = (try first.next(), try second.next())
            guard let small else {
                if high != nil { missing = ["those from frame \(frames) on"] }
                return
            }
            frames += 1
            guard let high else {
                extra = ["those from frame \(frames - 1) on"]
                return
            }
            let pair = (ByteFrame(rounding: high.frame), ByteFrame(rounding: small.frame))
            if frames == 1 { try probe([pair]) }
            try compare(pair.0, pair.1, "frame \(frames - 1)")
        }
    }

    private func pair(_ high: ByteFrame?, _ low: ByteFrame?) -> (ByteFrame, ByteFrame)? {
        guard let high, let low, fits(high, low) else { return nil }
        return (high, low)
    }

    private func fits(_ high: ByteFrame, _ low: ByteFrame) -> Bool {
        high.width / scale == low.width && high.height / scale == low.height
    }

    private mutating func probe(_ pairs: [(ByteFrame, ByteFrame)]) throws {
        guard Degradation.scales.contains(scale) else { return }
        let fitting = pairs.compactMap { pair($0.0, $0.1) }
        guard let size = fitting.first?.1.size else { return }
        let same = fitting.filter { $0.1.size == size }
        candidates = try DegradationPhase.candidates(
            lowResolution: same.map(\.1), highResolution: same.map(\.0), scale: scale)
    }

    private mutating func compare(_ high: ByteFrame, _ low: ByteFrame, _ name: String) throws {
        guard fits(high, low) else {
            wrongSizes.append("\(name) (\(low.size) of an original of \(high.size))")
            return
        }
        guard let best = candidates.first else { return }
        let made = try best.degraded(high, scale: scale)
        var squares = 0
        for (first, second) in zip(made.samples, low.samples) {
            let difference = abs(Int(first) - Int(second))
            maximum = max(maximum, difference)
            sum += difference
            squares += difference * difference
        }
        samples += low.samples.count
        compared += 1
        let psnr = 10 * log10(255 * 255 * Double(low.samples.count) / Double(squares))
        if psnr < Self.foreign { strangers.append(name) }
    }

    /// The best candidate surely made the frames: it explains them up to about two levels, and the
    /// next one leaves four times its squared error.
    private var isConvincing: Bool {
        guard let best = candidates.first, best.psnr >= Self.sure else { return false }
        return candidates.count < 2 || best.psnr > candidates[1].psnr + 6
    }

    func findings(_ folder: String) -> DataSetFindings.LowResolution {
        let offset = candidates.first?.offset(scale: scale)
        return DataSetFindings.LowResolution(
            folder: folder, frames: frames, size: size?.description, made: candidates.first,
            isConvincing: isConvincing, offset: offset.map { [$0.x, $0.y] }, compared: compared,
            maximum: compared > 0 && samples > 0 ? maximum : nil,
            mean: samples > 0 ? Double(sum) / Double(samples) : nil)
    }

    /// What is wrong.
    ///
    /// - Parameter hint: What the folder's name says of how the frames were made.
    func faults(hint: Degradation?) -> [(DataSetFindings.Fault.Kind, String)] {
        var faults: [(DataSetFindings.Fault.Kind, String)] = []
        if !missing.isEmpty { faults.append((.missing, "frames \(NameList.text(missing))")) }
        if !extra.isEmpty {
            faults.append((.extra, "frames without originals: \(NameList.text(extra))"))
        }
        if !unreadable.isEmpty { faults.append((.unreadable, NameList.text(unreadable))) }
        if !wrongSizes.isEmpty { faults.append((.mismatch, NameList.text(wrongSizes))) }
        guard let best = candidates.first else { return faults }
        if strangers.count == compared, compared > 0 {
            let figure = String(format: "%.1f", best.psnr)
            faults.append(
                (
                    .mismatch,
                    "these are not the frames of its originals: what explains them best, "
                        + "\(best.degradation.rawValue), is at \(figure) dB"
                ))
        } else if !strangers.isEmpty {
            faults.append((.mismatch, "not those of their originals: \(NameList.text(strangers))"))
        }
        guard isConvincing, strangers.count < compared else { return faults }
        if best.x != 0 || best.y != 0 {
            faults.append(
                (
                    .mismatch,
                    "made by \(best.degradation.rawValue) of originals shifted by \(best.x) pixels "
                        + "to the right and \(best.y) down: networks lose decibels on such frames"
                ))
        }
        if let hint, (hint == .bicubic) != (best.degradation == .bicubic) {
            faults.append(
                (
                    .mismatch,
                    "named after \(hint.rawValue) but made by \(best.degradation.rawValue)"
                ))
        }
        return faults
    }
}
