import Foundation
import Torch

/// Where operations and their gradients are checked: `SLIMVSR_DEVICE`, by default the CPU.
func testDevice() throws -> Device { try loadedDevice.get() }

// Loaded once, before the first tensor of the process, which is when LibTorch looks for CUDA.
private let loadedDevice = Result {
    let device = try Device(
        parsing: ProcessInfo.processInfo.environment["SLIMVSR_DEVICE"] ?? "cpu")
    try device.load()
    return device
}

/// Runs `body` on the Torch thread, the device being loaded.
func onTorch<Value>(_ body: () throws -> Value) throws -> Value {
    try TorchThread.run {
        _ = try testDevice()
        return try body()
    }
}
