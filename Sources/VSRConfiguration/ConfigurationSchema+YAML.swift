import VSRCore

extension ConfigurationSchema {
    /// `tree` as YAML, keys in the order in which the settings declare them.
    ///
    /// Scalars and lists are written as JSON, which is YAML too: strings stay strings and numbers
    /// keep every digit.
    func yaml(of tree: ConfigurationValue, indentation: Int) throws -> String {
        guard case .mapping(let entries) = tree else { return "" }
        let margin = String(repeating: " ", count: indentation)
        var text = ""
        for key in order {
            guard let group = groups?[key], let value = entries[key] else { continue }
            if group.groups == nil {
                text += "\(margin)\(key): \(try Self.json(value))\n"
            } else {
                text += "\(margin)\(key):\n"
                text += try group.yaml(of: value, indentation: indentation + 2)
            }
        }
        return text
    }

    private static func json(_ value: ConfigurationValue) throws -> String {
        try JSONText.text(value, .compact)
    }
}
