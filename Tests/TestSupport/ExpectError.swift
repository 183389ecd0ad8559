import Testing
import VSRCore

/// Expects an error of one kind, and returns it.
@discardableResult
public func expectError(
    _ code: VSRError.Code, sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () throws -> Void
) -> VSRError? {
    let error = #expect(throws: VSRError.self, sourceLocation: sourceLocation) { try body() }
    #expect(error?.code == code, sourceLocation: sourceLocation)
    return error
}
