import ArgumentParser
import Foundation
import VSRProgram
import VSRTools

struct ReportCommand: Command {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Make a page of a study's results.",
        discussion: """
            slimvsr report runs/study
            slimvsr report runs/study -o page/

            STUDY is the folder of slimvsr-lab experiment, or its results.json alone. The page needs \
            nothing besides itself; each chart is also written as an SVG file.
            """)

    @Argument(help: "The study's folder, or its results.json.")
    var study: String

    @Option(name: [.short, .long], help: "The folder to write (default: report in the study's).")
    var output: String?

    @Flag(inversion: .prefixedNo, help: "Upscale a rendered scene by every network, to compare.")
    var pictures = true

    @OptionGroup var general: GeneralOptions

    func execute(_ console: Console) throws {
        let results = try StudyResults.read(study)
        var isFolder: ObjCBool = false
        _ = FileManager.default.fileExists(atPath: study, isDirectory: &isFolder)
        let folder = isFolder.boolValue ? study : (study as NSString).deletingLastPathComponent
        let report = try StudyReport(results, folder: isFolder.boolValue ? study : nil)
        let target = output ?? (folder as NSString).appendingPathComponent("report")
        defer { console.progress.finish() }
        let page = try report.write(
            to: target, pictures: pictures, progress: console.progress.handler,
            cancellation: console.cancellation)
        console.progress.finish()
        console.output("wrote \(page)")
    }
}
