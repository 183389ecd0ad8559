// Matrices without values are handled before their memory is asked for.

extension UnsafeBufferPointer {
    /// Where the first value lies; there is one.
    var start: UnsafePointer<Element> {
        guard let baseAddress else { preconditionFailure("a buffer without values") }
        return baseAddress
    }
}

extension UnsafeMutableBufferPointer {
    /// Where the first value lies; there is one.
    var start: UnsafeMutablePointer<Element> {
        guard let baseAddress else { preconditionFailure("a buffer without values") }
        return baseAddress
    }
}
