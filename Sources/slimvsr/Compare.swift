import ArgumentParser
import VSRCore
import VSRProgram
import VSRTools

struct Compare: Command {
    static let configuration = CommandConfiguration(
        abstract: "Measure two videos against each other, or both against a reference.",
        discussion: """
            A, B and the reference are videos, folders of PNG or JPEG pictures, or pictures. PSNR (on \
            Y and on RGB) and SSIM of each frame, as evaluate measures them; VMAF too where the \
            system's ffmpeg has the filter libvmaf. A page shows the worst frames and what differs in \
            them.

            slimvsr compare upscaled.mp4 other.mp4 -o page.html
            slimvsr compare a.mp4 b.mp4 --reference original.mp4 -o page.html

            Frames of videos are matched by the time at which they are shown, counted from the first \
            frame; pictures by their order. What finds no partner is left out and counted. What is \
            half, a third, … of the others' size is enlarged by bicubic interpolation.
            """)

    @Argument(help: "A video, a folder of pictures or a picture.")
    var a: String

    @Argument(help: "Another one.")
    var b: String

    @Option(help: "What both are to look like.")
    var reference: String?

    @Option(
        help: "How frames find each other: time or order (default: time for videos, else order).")
    var match: FrameMatching?

    @Option(help: "Compare only the first N frames.")
    var frames: Int?

    @Flag(inversion: .prefixedNo, help: "Measure VMAF where ffmpeg has it.")
    var vmaf = true

    @Option(name: [.short, .long], help: "Write a page with curves and pictures to this file.")
    var output: String?

    @Option(help: "Write every frame's figures to this file as JSON; - prints JSON.")
    var json: String?

    @OptionGroup var general: GeneralOptions

    /// - Throws: `invalidArgument` where a file would replace an input or the other output, `notFound`
    ///   without its folder.
    private func checkOutputs() throws {
        var taken = [a, b, reference].compactMap { $0?.resolvedPath }
        for path in [output, json].compactMap({ $0 }) where path != "-" {
            guard !taken.contains(path.resolvedPath) else {
                throw VSRError(
                    .invalidArgument,
                    "\(path) is compared, or written, already: give another name")
            }
            taken.append(path.resolvedPath)
            try OutputCheck(replaces: true).check(path)
        }
    }

    func validate() throws {
        if let output, output == "-" || output.hasSuffix("/") {
            throw ValidationError("--output must name a file, not \(output)")
        }
    }

    func execute(_ console: Console) throws {
        try checkOutputs()
        var comparison = VideoComparison(a, b, reference: reference)
        comparison.matching = match
        comparison.frameLimit = frames
        comparison.measuresVMAF = vmaf
        let outcome = try comparison.run(
            progress: console.progress.handler, cancellation: console.cancellation)
        console.progress.finish()
        if let output {
            try comparison.writePage(
                outcome, to: output, progress: console.progress.handler,
                cancellation: console.cancellation)
            console.progress.finish()
        }
        try console.show(outcome, outcome.text, json: json)
        if let output, json != "-" { console.output("wrote \(output)") }
    }
}

extension FrameMatching: ExpressibleByArgument {}
