import VSRCore
import VSRProgram

extension Console {
    /// Prints what was found, or writes it for programs.
    ///
    /// - Parameter json: A file for all figures besides the text; `-` prints them in its place.
    func show(_ outcome: some Encodable, _ text: String, json: String?) throws {
        guard json != "-" else { return output(try JSONText.text(outcome)) }
        output(text)
        guard let json else { return }
        try JSONText.write(outcome, to: json)
        output("wrote \(json)")
    }
}
