/// Breaking of long sentences for a terminal.
public enum TextWrap {
    /// The words of `text` in lines of at most `columns`, all but the first indented.
    ///
    /// Words longer than a line stand alone on theirs.
    public static func lines(_ text: String, columns: Int = 100, indent: String = "    ")
        -> [String]
    {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            let isFirst = line.isEmpty || line == indent
            if !isFirst, line.count + 1 + word.count > columns {
                lines.append(line)
                line = indent + word
            } else {
                line += isFirst ? String(word) : " " + word
            }
        }
        return line.isEmpty ? lines : lines + [line]
    }
}
