import VSRCore
import VSRImaging
import VSRModel

// Going on with a clip in another process.
extension Upscaler {
    /// - Throws: `outOfMemory`.
    public func carriedStates() throws -> CarriedStates? {
        guard readyFrames == 0 else { return nil }
        guard let recurrence, let executor else { return CarriedStates() }
        guard let slots = recurrence.carriedStates else { return nil }
        var states = CarriedStates()
        guard !slots.isEmpty else { return states }
        for slot in slots {
            states.planes["state.\(slot)"] = try executor.hiddenState(slot).samples
        }
        for (slot, map) in try executor.heldMaps() {
            states.planes["held.\(slot)"] = map.samples
        }
        return states
    }

    /// - Throws: `invalidArgument` if the clip is not where it was, `corruptData` for states of
    ///   another network or size.
    public func endReplay(with states: CarriedStates) throws {
        isReplaying = false
        executor?.isReplaying = false
        guard let recurrence, let executor else {
            guard states.planes.isEmpty else { throw Self.wrongPlace }
            return
        }
        let width = executor.blueprint.width
        let area = executor.frameSize.area
        guard let slots = recurrence.carriedStates else { throw Self.wrongPlace }
        let names = Set(slots.map { "state.\($0)" })
        guard names.isSubset(of: states.planes.keys) else { throw Self.wrongPlace }
        for (name, samples) in states.planes {
            let parts = name.split(separator: ".")
            guard parts.count == 2, let slot = Int(parts[1]), samples.count == width * area else {
                throw VSRError(
                    .corruptData, "the kept state \(name) is not of this network and frame size")
            }
            let map = FeatureMap(channels: width, size: executor.frameSize, samples: samples)
            if parts[0] == "held", executor.blueprint.branches.indices.contains(slot) {
                try executor.set(.held(slot), to: map)
            } else if names.contains(name) {
                try executor.set(.state(slot), to: map)
            } else {
                throw Self.wrongPlace
            }
        }
        recurrence.forgetFlows()
    }

    private static var wrongPlace: VSRError {
        VSRError(.invalidArgument, "the kept states belong to another place of the clip")
    }

    public func beginReplay() {
        isReplaying = true
        executor?.isReplaying = true
    }
}
