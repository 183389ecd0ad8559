import CTorch
import VSRCore

/// Turns a failed status into a ``VSRError`` that names the operation.
@inline(__always)
func check(_ status: ctorch_status, _ operation: @autoclosure () -> String) throws {
    guard status == CTORCH_OK else { throw failure(status, operation()) }
}

/// Runs one shim call and owns the tensor it makes.
@inline(__always)
func makeTensor(
    _ operation: StaticString, _ call: (UnsafeMutablePointer<ctorch_tensor?>) -> ctorch_status
) throws -> Tensor {
    var out: ctorch_tensor?
    let status = call(&out)
    guard status == CTORCH_OK, let out else { throw failure(status, "\(operation)") }
    return Tensor(owning: out)
}

@inline(never)
private func failure(_ status: ctorch_status, _ operation: String) -> VSRError {
    let code: VSRError.Code =
        switch status {
        case CTORCH_ERR_OUT_OF_MEMORY: .outOfMemory
        case CTORCH_ERR_SHAPE: .shapeMismatch
        case CTORCH_ERR_DEVICE: .unsupported
        default: .invalidArgument
        }
    return VSRError(code, "\(operation): \(String(cString: ctorch_last_error()))")
}

extension Array where Element == Tensor {
    /// The handles, borrowed: valid while this array lives.
    var handles: [ctorch_tensor?] { map(\.handle) }
}
