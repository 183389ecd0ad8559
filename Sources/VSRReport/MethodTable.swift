/// The comparison table of a report.
struct MethodTable {
    let methods: [Report.Method]

    /// A `<table>` that scrolls sideways within its frame where the screen is narrow.
    func html() -> String {
        """
        <div class="scroll"><table>
        <thead>
        <tr><th rowspan="2">Method</th><th rowspan="2">PSNR<span>dB</span></th>\
        <th rowspan="2">SSIM</th><th colspan="2">Operations<span>GMAC per frame</span></th>\
        <th colspan="2">Parameters<span>thousands</span></th>\
        <th rowspan="2">Time<span>ms per frame</span></th>\
        <th rowspan="2">Training<span>iterations</span></th></tr>
        <tr><th class="sub">without flow</th><th class="sub">with</th>\
        <th class="sub">without flow</th><th class="sub">with</th></tr>
        </thead>
        <tbody>
        \(methods.map(row).joined(separator: "\n"))
        </tbody>
        </table></div>
        """
    }

    private func row(_ method: Report.Method) -> String {
        let name = Markup.escaped(method.name)
        let note = method.note.isEmpty ? "" : "<span>\(Markup.escaped(method.note))</span>"
        let cells = [
            number(method.psnr, 2), number(method.ssim, 4),
            number(method.macs.map { Double($0.withoutFlow) / 1e9 }, 2),
            number(method.macs.map { Double($0.withFlow) / 1e9 }, 2),
            number(method.parameters.map { Double($0.withoutFlow) / 1e3 }, 1),
            number(method.parameters.map { Double($0.withFlow) / 1e3 }, 1),
            time(method.time),
            method.iterations.map(String.init) ?? "–",
        ]
        let style = method.isEmphasized ? " class=\"emphasis\"" : ""
        return "<tr\(style)><th scope=\"row\">\(name)\(note)</th>"
            + cells.map { "<td>\($0)</td>" }.joined() + "</tr>"
    }

    private func number(_ value: Double?, _ digits: Int) -> String {
        guard let value, value.isFinite else { return "–" }
        return Axis.decimal(value, digits)
    }

    private func time(_ timing: Report.Timing?) -> String {
        guard let timing else { return "–" }
        let range = "\(number(timing.lowerQuartile, 1))–\(number(timing.upperQuartile, 1))"
        return "\(number(timing.median, 1))<span>\(range)</span>"
    }
}
