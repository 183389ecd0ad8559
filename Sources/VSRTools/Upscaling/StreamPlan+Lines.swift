import VSRMedia

extension StreamPlan {
    /// Whether there is more to say than that a video is upscaled.
    public var isNoteworthy: Bool { streams.count > 1 || chapters != nil }

    /// A table for a terminal: each stream and what becomes of it.
    public var lines: [String] {
        var table = TextTable(["stream", "what", "becomes"], leftColumns: 3)
        for stream in streams {
            table.add(["\(stream.source.index)", stream.source.line, stream.fate])
        }
        if let chapters {
            table.add(
                [
                    "", "\(chapters.count) chapter\(chapters.count == 1 ? "" : "s")",
                    chapters.action == .omit ? "left out" : "copied",
                ])
        }
        return table.lines()
    }
}

extension MediaStream {
    /// Kind, codec, form, language and title.
    fileprivate var line: String {
        let title = title.map { "“\($0.count > 30 ? $0.prefix(29) + "…" : $0[...])”" }
        return ([type, form, language, title, fileName].compactMap { $0 })
            .joined(separator: ", ")
    }
}

extension StreamPlan.Stream {
    /// What becomes of it, in a word or two.
    fileprivate var fate: String {
        switch action {
        case .upscale: "upscaled, \(codec ?? "")"
        case .copy: "copied"
        case .convert: "converted to \(codec ?? "")"
        case .absorb: source.kind == .timecode ? "kept as the video's timecode" : "kept as chapters"
        case .omit: "left out"
        }
    }
}
