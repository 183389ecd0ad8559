import CTorch
import VSRCore

/// Runs `body` without recording gradients on this thread.
public func withoutGradients<Result>(_ body: () throws -> Result) throws -> Result {
    try within("withoutGradients", { ctorch_begin_gradients($0, false) }, body)
}

/// Runs `body` recording gradients on this thread, inside ``withoutGradients(_:)`` for instance.
public func withGradients<Result>(_ body: () throws -> Result) throws -> Result {
    try within("withGradients", { ctorch_begin_gradients($0, true) }, body)
}

/// Runs `body` in inference mode: like ``withoutGradients(_:)`` and cheaper still, but the tensors
/// made in it can never take part in recorded operations.
public func inInferenceMode<Result>(_ body: () throws -> Result) throws -> Result {
    try within("inInferenceMode", ctorch_begin_inference, body)
}

/// Runs `body` with convolutions and matrix products in `dtype` on that device, as PyTorch's
/// `autocast` does; converted weights are kept until the outermost scope ends.
///
/// Leave the scope before `backward`.
public func withAutocast<Result>(
    to dtype: DType = .bfloat16, on device: Device = .cpu, _ body: () throws -> Result
) throws -> Result {
    let kind = device.shimValue.kind
    return try within(
        "withAutocast", { ctorch_begin_autocast($0, kind, dtype.shimValue) }, body)
}

private func within<Result>(
    _ name: String, _ begin: (UnsafeMutablePointer<ctorch_scope?>) -> ctorch_status,
    _ body: () throws -> Result
) throws -> Result {
    var scope: ctorch_scope?
    try check(begin(&scope), name)
    defer { ctorch_end(scope) }
    return try body()
}
