import CTorch

/// Seeds the default generators of the CPU and of every loaded GPU.
public func seed(_ seed: UInt64) throws {
    try check(ctorch_seed(seed), "seed")
}

/// The state of a device's default generator, for checkpoints: a `uint8` vector.
public func generatorState(of device: Device = .cpu) throws -> Tensor {
    try makeTensor("generatorState") { ctorch_generator_state($0, device.shimValue) }
}

/// Restores what ``generatorState(of:)`` gave.
public func setGeneratorState(_ state: Tensor, of device: Device = .cpu) throws {
    try check(ctorch_set_generator_state(state.handle, device.shimValue), "setGeneratorState")
}
