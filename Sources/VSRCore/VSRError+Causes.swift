import Foundation

extension VSRError {
    /// The errors that led to this one, the nearest first, each in words.
    ///
    /// One that says no more than ``message`` does is left out.
    public var causes: [String] {
        var texts: [String] = []
        var next = cause
        while let error = next {
            let text = Self.text(of: error)
            if !text.isEmpty, !message.contains(text), texts.last != text { texts.append(text) }
            next = (error as? VSRError)?.cause
        }
        return texts
    }

    private static func text(of error: any Error) -> String {
        switch error {
        case let error as VSRError: return error.message
        case let error as DecodingError: return error.explanation()
        case let error as CocoaError:
            // The system's reason, where Foundation passes it on, says more than Foundation's.
            if let reason = error.underlying as? POSIXError { return text(of: reason) }
            let preamble = "The operation could not be completed. "
            return error.localizedDescription.replacingOccurrences(of: preamble, with: "")
        case let error as POSIXError: return String(cString: strerror(error.code.rawValue))
        case let error as any LocalizedError: return error.localizedDescription
        default: return String(describing: error)
        }
    }
}
