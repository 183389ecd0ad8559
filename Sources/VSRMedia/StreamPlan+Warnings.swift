import VSRCore

extension StreamPlan {
    /// A sentence on what the output lacks or has otherwise, with a code for programs.
    public struct Warning: Sendable, Codable, Equatable {
        public var code: Code
        public var text: String

        public enum Code: String, Sendable, Codable, CaseIterable {
            case streamOmitted, chaptersOmitted, descriptionLost, startRemoved, pixelsTurned
            case rateConstant, inputReadOnce
        }
    }

    /// What users should know before hours of work.
    public var warnings: [Warning] {
        lost.map { Warning(code: .streamOmitted, text: Self.sentence(on: $0, container)) }
            + chapterWarnings + descriptionWarnings + timeWarnings
    }

    private static func sentence(on stream: Stream, _ container: Container) -> String {
        let what = "stream \(stream.source.summary) is left out"
        switch stream.reason {
        case .unknown: return "\(what): libav does not know what it is"
        default:
            let held =
                stream.holders.isEmpty
                ? "no format that is written here holds it"
                : "\(container.name) does not hold it, \(list(stream.holders)) "
                    + (stream.holders.count == 1 ? "does" : "do")
            return "\(what): \(held)"
        }
    }

    private var chapterWarnings: [Warning] {
        guard let chapters, chapters.action == .omit else { return [] }
        let holders = Container.allCases.filter(\.holdsChapters)
        return [
            Warning(
                code: .chaptersOmitted,
                text: "\(chapters.count.counted("chapter")) "
                    + "\(chapters.count == 1 ? "is" : "are") left out: \(container.name) holds "
                    + "none, \(Self.list(holders)) do")
        ]
    }

    private var descriptionWarnings: [Warning] {
        Property.allCases.compactMap { property in
            let numbers = streams.filter { $0.losses.contains(property) }.map(\.source.index)
            guard !numbers.isEmpty else { return nil }
            return Warning(
                code: .descriptionLost,
                text: "the \(property.rawValue) of "
                    + (numbers.count == 1 ? "stream " : "streams ")
                    + numbers.map(String.init).joined(separator: ", ")
                    + " is lost: \(container.name) does not hold it")
        }
    }

    private var timeWarnings: [Warning] {
        var warnings: [Warning] = []
        if isReadOnce {
            warnings.append(
                Warning(
                    code: .inputReadOnce,
                    text: "the input can be read only once: its other streams are left out, a "
                        + "file's would be copied"))
        }
        if let removedStart {
            warnings.append(
                Warning(
                    code: .startRemoved,
                    text: "the input starts at \(Self.seconds(removedStart)) s: times are counted "
                        + "from there"))
        }
        if let turned {
            warnings.append(
                Warning(
                    code: .pixelsTurned,
                    text: "\(container.name) cannot ask players to turn the picture: it is turned "
                        + "by \(turned)° itself"))
        }
        if let constantRate {
            warnings.append(
                Warning(
                    code: .rateConstant,
                    text: "\(container.name) holds constant rates only: times are rounded to "
                        + "\(Self.seconds(constantRate.value)) frames per second, .mkv and .mp4 hold "
                        + "them as they are"))
        }
        return warnings
    }

    private static func list(_ containers: [Container]) -> String {
        let names = containers.map(\.name)
        guard let last = names.last, names.count > 1 else { return names.first ?? "" }
        return names.dropLast().joined(separator: ", ") + " and " + last
    }

    /// At most three decimals, without trailing zeros.
    static func seconds(_ value: Double) -> String {
        let thousandths = Int((min(max(value, -1e12), 1e12) * 1000).rounded())
        let digits = String(abs(thousandths) % 1000 + 1000).dropFirst()
        var text = "\(thousandths < 0 ? "-" : "")\(abs(thousandths) / 1000).\(digits)"
        while text.last == "0" { text.removeLast() }
        if text.last == "." { text.removeLast() }
        return text
    }
}

extension MediaStream {
    /// Kind and codec, `subtitle hdmv_pgs_subtitle`.
    public var type: String { codec == "none" ? kind.name : "\(kind.name) \(codec)" }

    /// `2 (subtitle hdmv_pgs_subtitle, deu)`.
    public var summary: String {
        let details = [language, title.map { "“\($0)”" }, fileName].compactMap { $0 }
        return "\(index) (" + ([type] + details).joined(separator: ", ") + ")"
    }
}

extension MediaStream.Kind {
    /// In words.
    public var name: String { self == .chapterTitles ? "chapter titles" : rawValue }
}
