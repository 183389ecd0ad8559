import ArgumentParser
import Foundation
import Synchronization
import Testing
import VSRCore
import VSRData
import VSRImaging
import VSRMedia
import VSRModel
import VSRProgram
import VSRPruning
import VSRReport
import VSRTestSupport
import VSRTools

/// The examples of the libraries' documentation, compiled and run.
@Suite struct ArticleTests {
    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Lines without their indentation, so that code may stand deeper in a function.
    private static func lines(_ text: some StringProtocol) -> String {
        text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) + "\n" }.joined()
    }

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    @Test func codeOfEveryArticleIsCompiledCode() throws {
        let tests = [
            "VSRToolsTests/ArticleTests", "VSRRuntimeTests/DocumentationTests",
            "VSRConfigurationTests/ArticleTests", "VSRCompensationTests/ArticleTests",
            "VSRExportTests/ArticleTests",
        ]
        let code = try tests.map { Self.lines(try Self.text("Tests/\($0).swift")) }
        let articles = try FileManager.default
            .subpathsOfDirectory(atPath: Self.root.appendingPathComponent("Sources").path)
            .filter { $0.contains(".docc/") && $0.hasSuffix(".md") }
        var blocks = 0
        for article in articles {
            let text = try Self.text("Sources/\(article)")
            for block in text.components(separatedBy: "```swift\n").dropFirst() {
                let wanted = Self.lines(block.components(separatedBy: "```")[0])
                #expect(code.contains { $0.contains(wanted) }, "\(article):\n\(wanted)")
                blocks += 1
            }
        }
        #expect(articles.count >= 17 && blocks >= 18)
    }

    @Test func everyLibraryHasACatalogAndIsBuilt() throws {
        let manifest = try Self.text("Package.swift")
        let list = manifest.components(separatedBy: "let libraries = [")[1]
            .components(separatedBy: "]")[0]
        let libraries = list.split(separator: "\"").filter { $0.hasPrefix("VSR") }.map(String.init)
        #expect(libraries.count >= 12)
        let built = try Self.text(".spi.yml")
        for library in libraries {
            let catalog = "Sources/\(library)/\(library).docc/\(library).md"
            #expect(try Self.text(catalog).hasPrefix("# ``\(library)``"))
            #expect(built.split { !$0.isLetter }.contains { $0 == library }, "\(library)")
        }
    }

    @Test func framesAreUpscaledAndErrorsSayWhy() throws {
        let upscaler: any Upscaling = try BicubicUpscaler(scale: 2)
        let clip = [Frame(size: FrameSize(width: 8, height: 6), filledWith: 0.5)]
        let larger = try upscaler.upscale(clip: clip)

        #expect(larger.map(\.size) == [FrameSize(width: 16, height: 12)])
        do {
            _ = try ModelFile.read("no-such.safetensors")
        } catch let error as VSRError {
            print(error.code, error.message, error.causes)
        }
    }

    @Test func modelsAreMadeAndRead() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("model.safetensors")
        func make() throws {
            let blueprint = Blueprint(
                direction: .unidirectional, width: 24, blocks: 6, scale: 4, flow: .quarter)
            var model = try Model.initialized(blueprint, seed: 1)
            model.metadata[MetadataKey.name] = "An untrained network"
            try ModelFile.write(model, to: path)
        }
        try make()

        let model = try ModelFile.read(path)
        let costs = model.blueprint.costs(at: FrameSize(width: 320, height: 180))
        print("\(costs.macs) multiply-accumulates per frame, \(costs.parameters) parameters")

        // By hand, per low-resolution pixel: weights times output pixels, then biases.
        #expect(costs.macs == 320 * 180 * (265_608 + 1_248))
        #expect(costs.parameters == 115_920 + 555)
    }

    @Test func aModelIsPruned() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("slim.safetensors")
        let dense = try SmallClips.model()

        let selection = try UnitSelection(pruning: dense, to: .macsFraction(0.5))
        let slim = try dense.removing(selection)
        try ModelFile.write(slim, to: path)

        let macs = [dense, slim].map { $0.blueprint.costs().macs }
        #expect(macs[1] <= macs[0] / 2)
    }

    @Test func qualityIsMeasured() throws {
        let size = FrameSize(width: 64, height: 48)
        let original = SmallClips.picture(clip: 0, frame: 0, size: size).frame

        let input = try Degradation.bicubic.degraded(original, scale: 4)
        let result = try BicubicUpscaler.upscaled(input, scale: 4)
        let figures = try QualityFigures.measure(result, original)
        print("\(figures.psnr) dB, SSIM \(figures.ssim)")

        #expect(result.size == size && figures.psnr.isFinite)
    }

    @Test func filesAreCopiedFrameByFrame() throws {
        let folder = try TemporaryFolder()
        let input = folder.path("in")
        let output = folder.path("out")
        let clip = FrameSize(width: 16, height: 12)
        try SmallClips.writePictures(clip: 0, count: 3, size: clip, to: input)

        let source = try MediaPath.open(input)
        let size = source.properties.size
        let sink = try MediaPath.create(output, size: size, like: source.properties)
        while let frame = try source.next() {
            try sink.write(frame)
        }
        try sink.finish()

        let copies = try MediaPath.open(output)
        for index in 0..<3 {
            let copy = try #require(try copies.next()?.frame)
            #expect(
                ByteFrame(rounding: copy)
                    == SmallClips.picture(clip: 0, frame: index, size: clip))
        }
    }

    @Test func batchesAreSampled() throws {
        let size = FrameSize(width: 64, height: 64)
        let sources = ClipSource.scenes(2, seed: 1, size: size, frames: 4)
        let clips = try TrainingClips(sources, scale: 4, degradation: .bicubic)
        var options = SamplingOptions()
        options.batchSize = 2
        options.frames = 3
        options.patch = FrameSize(width: 8, height: 8)
        let batch = try BatchSampler(clips, options: options).batch(0)
        print(batch.lowResolution.count, batch.highResolution.count)

        // Samples, frames, channels, pixels.
        #expect(batch.lowResolution.count == 2 * 3 * 3 * 64)
        #expect(batch.highResolution.count == 16 * batch.lowResolution.count)
    }

    @Test func aReportIsWritten() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("report.html")

        let report = Report(
            title: "Half the operations", summary: "One scene, seed 1.",
            highlights: [.init("2.0×", "fewer operations")],
            conditions: [.init("seed", "1")])
        try ReportPage.write(report, to: path)

        #expect(try String(contentsOfFile: path, encoding: .utf8).contains("Half the operations"))
    }

    @Test func foreignCheckpointsAreRead() throws {
        let folder = try TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        let path = folder.path("model.safetensors")
        let checkpoint = Self.root.appendingPathComponent(
            "Tests/Fixtures/VSRModelTests/basicsr.pth"
        )
        .path
        let outcome = try ModelImport.outcome(
            of: checkpoint, options: .init(activation: .basicVSR))
        print(outcome.project, outcome.prefix, outcome.remarks)
        try ModelFile.write(outcome.model, to: path)

        #expect(try ModelFile.read(path).blueprint == outcome.model.blueprint)
        #expect(!outcome.assumesActivation)
    }

    @Test func unitsAreChosen() throws {
        let dense = try SmallClips.model()
        var options = PruningOptions(scope: .local, alignment: 2)
        options.excluded = [.upsampler]
        let half = try PruningSelection(pruning: dense, to: .ratio(0.5), options: options)

        guard case .free(let units) = half else {
            Issue.record("a free structure was asked for")
            return
        }
        let prunable = dense.blueprint.unitGroups
        for layer in prunable {
            let removed = units.removed(in: layer).count
            if layer.part == .upsampler { #expect(removed == 0) }
            #expect((dense.blueprint.unitCount(of: layer) - removed).isMultiple(of: 2))
        }
        #expect(prunable.contains { !units.removed(in: $0).isEmpty })
    }

    @Test func qualityOfClipsIsMeasured() throws {
        let temporary = try TemporaryFolder()
        defer { withExtendedLifetime(temporary) {} }
        let folder = temporary.path
        try SmallClips.writePictures(
            clip: 0, count: 2, size: FrameSize(width: 64, height: 48), to: folder + "/a")
        let clips = try ClipLayout.clips.clips(at: folder)
        let outcome = try Evaluation().run(
            on: clips, method: "bicubic", upscaler: BicubicUpscaler(scale: 4))
        print(outcome.mean.psnr, outcome.conventionsText, outcome.warnings)

        #expect(outcome.frameCount == 2 && outcome.clips.map(\.name) == ["a"])
    }

    @Test func aProgramIsRun() throws {
        let lines = Mutex<[String]>([])
        let console = Console(
            output: { line in lines.withLock { $0.append(line) } }, remark: { _ in },
            progress: ProgressPrinter(isTerminal: false, clock: { 0 }, write: { _ in }),
            cancellation: Cancellation())
        struct Count: Command {
            @Argument var words: [String] = []
            @OptionGroup var general: GeneralOptions

            func execute(_ console: Console) throws {
                console.output("\(words.count) words")
            }
        }
        let code = Program<Count>.run(["a", "b"], console: console)
        #expect(code == 0 && lines.withLock { $0 } == ["2 words"])
    }

    @Test func aNetworkIsInspected() throws {
        let inspection = try Inspection(of: "basicvsr")
        print(inspection.text(listsLayers: false))

        #expect(inspection.name == "basicvsr")
    }
}
