import Foundation
import Testing

/// Decodes `Lab/Tests/Fixtures/Torch/NAME.json`.
func fixture<Value: Decodable>(_ name: String, as type: Value.Type) throws -> Value {
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Fixtures/Torch/\(name).json")
    return try JSONDecoder().decode(type, from: Data(contentsOf: url))
}

/// Whether all elements are as near as `tolerance`.
func expectClose(
    _ actual: [Float], _ expected: [Float], within tolerance: Float,
    _ what: @autoclosure () -> String = "", sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(actual.count == expected.count, sourceLocation: sourceLocation)
    let error = zip(actual, expected).map { abs($0 - $1) }.max() ?? 0
    #expect(error <= tolerance, "\(what())", sourceLocation: sourceLocation)
}
