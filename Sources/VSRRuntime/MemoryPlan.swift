import CKernels
import Foundation
import VSRCore
import VSRModel

/// What an executor's buffers will take, known before any of them is allocated.
struct MemoryPlan {
    let blueprint: Blueprint
    let frameSize: FrameSize
    /// Slots of each kind.
    private let pictures: Int
    private let flows: Int
    private let states: Int

    /// The plan for clips of any length; of one frame only where clips are to be held whole.
    init(_ blueprint: Blueprint, frameSize: FrameSize, options: UpscalerOptions) {
        guard blueprint.needsFutureFrames else {
            self.init(
                blueprint, frameSize, pictures: 2, flows: 1, states: blueprint.branches.count)
            return
        }
        guard let length = options.windowLength else {
            self.init(blueprint, frameSize, holding: 1, keeping: 1)
            return
        }
        // The frame before a window is held for the flow to it. A clip's last window is at most one
        // frame shorter than what makes a window begin.
        let ahead = length + options.lookAhead
        self.init(blueprint, frameSize, holding: ahead + 1, keeping: max(length, ahead - 1))
    }

    /// The plan for whole clips of a network that needs the frames to come, apart from what their
    /// frames take.
    init(wholeClipsBy blueprint: Blueprint, frameSize: FrameSize) {
        self.init(blueprint, frameSize, holding: 0, keeping: 0)
    }

    /// - Parameters:
    ///   - held: Frames whose pictures and flows are held.
    ///   - kept: Those whose hidden states are kept.
    private init(
        _ blueprint: Blueprint, _ frameSize: FrameSize, holding held: Int, keeping kept: Int
    ) {
        self.init(
            blueprint, frameSize, pictures: held, flows: blueprint.direction.flowDirections * held,
            states: StateSlots(blueprint.branches).count(keeping: kept))
    }

    private init(
        _ blueprint: Blueprint, _ frameSize: FrameSize, pictures: Int, flows: Int, states: Int
    ) {
        self.blueprint = blueprint
        self.frameSize = frameSize
        self.pictures = pictures
        self.flows = flows
        self.states = states
    }

    /// Of the tuned executor, without weights and the kernels' scratch.
    var tunedBytes: Int {
        let planes = pictures * Frame.channels + 2 * flows
        let maps =
            mapBytes(channels: Frame.channels, size: frameSize)
            + (states + 1) * mapBytes(channels: blueprint.width, size: frameSize)
        return maps + planes * frameSize.area * MemoryLayout<Float>.stride + flowBytes
    }

    /// Of the reference executor at its widest: two maps of the output's size.
    var referenceBytes: Int {
        let output = frameSize.area * blueprint.scale * blueprint.scale
        let widest =
            blueprint.upsamplerLayers.filter { $0.resolution * $0.shuffle == blueprint.scale }
            .map { $0.outputs / $0.filtersPerUnit }.max() ?? Frame.channels
        let states = (self.states + 2) * blueprint.width * frameSize.area
        return (2 * widest * output + states) * MemoryLayout<Float>.stride
    }

    /// - Throws: `outOfMemory` if `bytes` exceed what the process can have.
    func check(_ bytes: Int) throws {
        let available = AvailableMemory.bytes
        guard bytes > available else { return }
        throw VSRError(
            .outOfMemory,
            "upscaling frames of \(frameSize) takes \(bytes >> 20) MiB where this process can have "
                + "\(available >> 20) MiB: use smaller frames, a narrower network or a shorter "
                + "window")
    }

    /// Of a whole clip in the tuned executor, each frame of which is held as a picture, its flows and
    /// the hidden states that are kept for it; a `Double`, which no claim of a file overflows.
    func bytes(ofWholeClip frames: Int) -> Double {
        let flows = blueprint.direction.flowDirections
        let kept = StateSlots(blueprint.branches).keptBranches.count
        let planes = (Frame.channels + 2 * flows) * frameSize.area * MemoryLayout<Float>.stride
        let frame = planes + kept * mapBytes(channels: blueprint.width, size: frameSize)
        return Double(tunedBytes) + Double(frames) * Double(frame)
    }

    /// - Parameter callerBytes: What the caller holds for each frame besides.
    /// - Throws: `outOfMemory` if a whole clip takes more than the process can have.
    func check(
        wholeClip frames: Int, callerBytes: Int = 0, available: Int = AvailableMemory.bytes
    ) throws {
        let bytes = bytes(ofWholeClip: frames) + Double(frames) * Double(callerBytes)
        guard bytes > Double(available) else { return }
        let needed = String(format: "%.0f", bytes / 0x1p20)
        throw VSRError(
            .outOfMemory,
            "a whole clip of \(frames) frames of \(frameSize) takes \(needed) MiB where this "
                + "process can have \(available >> 20) MiB: take it by windows, for example of 16 frames with 8 "
                + "more ahead (--window 16)")
    }

    private var flowBytes: Int {
        let flow = blueprint.flow
        let pictures = flow.sizesAboveLevels(at: frameSize).reduce(0) {
            $0 + 2 * Frame.channels * $1.area * MemoryLayout<Float>.stride
        }
        return (0..<flow.levels).reduce(pictures) { sum, level in
            let size = flow.size(ofLevel: level, at: frameSize)
            let alternating = flow.widths.alternating
            let widths = [
                Blueprint.FlowNetwork.inputWidth, alternating.even, alternating.odd,
            ]
            // Two pyramids' pictures, the warped picture and the flow.
            let planes = (3 * Frame.channels + 2) * size.area * MemoryLayout<Float>.stride
            return sum + planes + widths.reduce(0) { $0 + mapBytes(channels: $1, size: size) }
        }
    }

    private func mapBytes(channels: Int, size: FrameSize) -> Int {
        var map = vsr_map()
        let status = vsr_map_plan(&map, Int32(channels), Int32(size.height), Int32(size.width))
        return status == VSR_OK ? map.bytes : .max >> 16
    }
}

extension [Int] {
    /// The greatest at even and at odd positions, at least 1: what two maps need that a chain of
    /// convolutions writes alternately.
    var alternating: (even: Int, odd: Int) {
        func greatest(_ remainder: Int) -> Int {
            enumerated().reduce(1) { $1.offset % 2 == remainder ? Swift.max($0, $1.element) : $0 }
        }
        return (greatest(0), greatest(1))
    }
}
