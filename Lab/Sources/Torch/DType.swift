import CTorch

/// The type of a tensor's elements.
public enum DType: String, Sendable, CaseIterable, Codable {
    case float32, float64, bfloat16, int64, bool, uint8

    /// Bytes that one element takes.
    public var byteCount: Int {
        switch self {
        case .float64, .int64: 8
        case .float32: 4
        case .bfloat16: 2
        case .bool, .uint8: 1
        }
    }

    var shimValue: ctorch_dtype {
        switch self {
        case .float32: CTORCH_FLOAT32
        case .float64: CTORCH_FLOAT64
        case .bfloat16: CTORCH_BFLOAT16
        case .int64: CTORCH_INT64
        case .bool: CTORCH_BOOL
        case .uint8: CTORCH_UINT8
        }
    }

    init?(_ value: ctorch_dtype) {
        guard let dtype = DType.allCases.first(where: { $0.shimValue == value }) else { return nil }
        self = dtype
    }
}
