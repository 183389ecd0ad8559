import Foundation
import Testing
import VSRCore
import VSRModel
import VSRProgram
import VSRTestSupport

@testable import VSRTools

@Suite struct ModelListTests {
    private static func catalog() throws -> ModelCatalog { try #require(try ModelCatalog.read()) }

    @Test func everyBundledModelIsInTheCatalogWithTheFiguresOfItsCard() throws {
        let catalog = try Self.catalog()
        for name in BundledModels.names {
            #expect(catalog[name] != nil, "\(name) is not in catalog.json")
        }
        for entry in catalog.models {
            let card = try #require(BundledModels.card(of: entry.name), "\(entry.name)")
            let figures =
                TextTable.decimal(entry.vid4.psnr, 3) + " / "
                + TextTable.decimal(entry.vid4.ssim, 4)
            #expect(card.contains(figures), "\(entry.name): \(figures)")
            #expect(card.contains(entry.license), "\(entry.name)")
        }
    }

    @Test func whatCanBeFetchedIsNamedHashedAndSized() throws {
        let catalog = try Self.catalog()
        let fetchable = catalog.models.filter { $0.file != nil }
        #expect(
            Set(fetchable.map(\.name)) == [
                "basicvsr-vimeo-bi", "basicvsr-vimeo-bd", "basicvsr-reds",
            ])
        for hash in fetchable.map(\.sha256) + [catalog.package.sha256] {
            #expect(hash?.count == 64 && hash?.allSatisfy(\.isHexDigit) == true)
        }
        for entry in fetchable {
            // Source: the published checkpoints, 25,234,632 bytes each.
            #expect(entry.size == 25_234_632)
            #expect(entry.network.flatMap(Blueprint.Preset.init(rawValue:)) == .basicVSR)
        }
    }

    @Test func theTableFitsAHundredColumnsAndNamesEverything() throws {
        let result = CommandLineHarness.run(["models"])
        #expect(result.code == 0)
        #expect(result.output.components(separatedBy: "\n").allSatisfy { $0.count <= 100 })
        for entry in try Self.catalog().models {
            #expect(result.output.contains("\n\(entry.name) "), "\(entry.name)")
            #expect(result.output.contains(entry.use), "\(entry.name)")
        }
    }

    @Test func oneModelShowsItsCardAndItsFile() throws {
        let name = try BundledModels.defaultName()
        let path = try ModelReference(name).path
        let result = CommandLineHarness.run(["models", name])
        #expect(result.code == 0)
        #expect(result.output.hasPrefix("# \(name)\n"))
        #expect(result.output.contains("file: \(path)"))
        let json = CommandLineHarness.run(["models", name, "--json"])
        let entry = try JSONDecoder().decode(ModelList.Entry.self, from: Data(json.output.utf8))
        #expect(entry.origin == .bundled)
        #expect(try Self.catalog()[name]?.vid4 == entry.vid4)
        let costs = try ModelReference(name).readBlueprint().costs()
        #expect(entry.macs == costs.macsWithFlow)
    }

    @Test func unknownNamesAreRefusedWithWhatThereIs() {
        let result = CommandLineHarness.run(["models", "no-such-model"])
        #expect(result.code == 1 && result.remarks.count == 1)
        #expect(result.remarks.first?.contains("uni-small") == true)
    }

    @Test func aNameThatIsNotFetchedSaysHowItIs() throws {
        for name in ModelCatalog.fetchableNames where FetchedModels.path(of: name) == nil {
            let error = #expect(throws: VSRError.self) { try ModelReference(name) }
            #expect(error?.code == .notFound)
            #expect(error?.message.contains("fetch-weights \(name)") == true)
        }
    }

    @Test func theScriptThatFetchesTellsTheProgramsVersion() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("scripts/fetch-weights")
        process.arguments = ["--version"]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = String(
            decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0 && text == "\(ProgramVersion.text)\n", "\(text)")
    }

    @Test func theCacheIsWhereXDGSays() {
        func folder(_ environment: [String: String]) -> String {
            UserCache.folder(environment: environment).path
        }
        #expect(folder(["XDG_CACHE_HOME": "/c", "HOME": "/h"]) == "/c/slimvsr")
        #expect(folder(["HOME": "/h"]) == "/h/.cache/slimvsr")
        for ignored in ["", "relative/cache"] {
            #expect(folder(["XDG_CACHE_HOME": ignored, "HOME": "/h"]) == "/h/.cache/slimvsr")
        }
    }

    @Test func timesHoldForTheirWeightsMachineAndVersionOnly() throws {
        let folder = try TemporaryFolder()
        func record(_ fingerprint: String, _ milliseconds: Double) -> FrameTimings.Record {
            FrameTimings.Record(
                model: "m", fingerprint: fingerprint, millisecondsPerFrame: milliseconds,
                frameSize: FrameSize(width: 320, height: 180), threads: 2, precision: "fp32",
                machine: Machine(processor: "A", cores: 2, architecture: "x86_64"),
                version: "1", date: "2026-01-01")
        }
        var timings = FrameTimings()
        timings.add(record("a", 3))
        timings.add(record("b", 4))
        timings.add(record("a", 5))
        try timings.write(to: folder.path("timings.json"))
        let read = FrameTimings.read(folder.path("timings.json"))
        #expect(read == timings)
        let here = record("a", 0).machine
        #expect(read.record(of: "a", version: "1", machine: here)?.millisecondsPerFrame == 5)
        #expect(read.record(of: "b", version: "1", machine: here)?.millisecondsPerFrame == 4)
        #expect(read.record(of: "a", version: "2", machine: here) == nil)
        #expect(read.record(of: "c", version: "1", machine: here) == nil)
        var elsewhere = here
        elsewhere.processor = "B"
        #expect(read.record(of: "a", version: "1", machine: elsewhere) == nil)
        #expect(FrameTimings.read(folder.path("no-such-file")) == FrameTimings())
    }

    /// The published network; `scripts/fetch-weights --all` brings it.
    @Test(
        .enabled(
            if: !FetchedModels.names.isEmpty, "nothing is fetched: scripts/fetch-weights --all"))
    func fetchedModelsAreTheNetworksOfTheCatalog() throws {
        let catalog = try Self.catalog()
        for name in FetchedModels.names {
            guard let entry = catalog[name], let network = entry.network else { continue }
            let reference = try ModelReference(name)
            let model = try reference.read()
            #expect(reference.origin == .fetched)
            #expect(try Blueprint.preset(named: network).blueprint() == model.blueprint)
            #expect(model.metadata[MetadataKey.degradation] == entry.degradation.rawValue)
            #expect(model.metadata[MetadataKey.license] == entry.license)
            #expect(model.metadata[MetadataKey.source]?.contains(catalog.package.name) == true)
        }
    }
}
