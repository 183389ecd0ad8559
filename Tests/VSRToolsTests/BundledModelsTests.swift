import Foundation
import Testing
import VSRCore
import VSRModel
import VSRTestSupport
import VSRPruning

@testable import VSRTools

@Suite struct BundledModelsTests {
    @Test func everyBundledModelCanBeReadAndHasACard() throws {
        var total = 0
        for name in BundledModels.names {
            let path = try #require(BundledModels.path(of: name))
            let model = try ModelReference(name).read()
            try model.validate()
            let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
            let bytes = try #require(size)
            #expect(bytes <= 6_000_000, "\(name) is larger than 6 MB")
            total += bytes
            let card = path.replacingOccurrences(of: ".safetensors", with: ".md")
            #expect(FileManager.default.fileExists(atPath: card), "\(name) has no card")
        }
        #expect(total <= 30_000_000)
    }

    @Test func everyBundledModelSaysWhatItWasTrainedFor() throws {
        let catalog = try #require(try ModelCatalog.read())
        #expect(!BundledModels.names.isEmpty)
        for name in BundledModels.names {
            let trained = try ModelReference(name).read().metadata[MetadataKey.degradation]
            #expect(trained == catalog[name]?.degradation.rawValue && trained != nil, "\(name)")
        }
    }

    @Test func theCatalogMarksTheDefault() throws {
        let marked = try #require(try ModelCatalog.read()).models.filter { $0.isDefault == true }
        #expect(marked.map(\.name) == [try BundledModels.defaultName()])
        #expect(BundledModels.names.contains(marked[0].name))
        // What is compressed is another one.
        let dense = try BundledModels.defaultDenseName()
        #expect(dense == "uni-small")
        try ModelReference(dense).readBlueprint().requireAlignable()
    }

    @Test(arguments: [0, 1, 2])
    func aCatalogHasOneDefault(count: Int) throws {
        var catalog = try #require(try ModelCatalog.read())
        for index in catalog.models.indices {
            catalog.models[index].isDefault = index < count ? true : index == 3 ? false : nil
        }
        let folder = try TemporaryFolder()
        let path = folder.path("catalog.json")
        try JSONText.write(catalog, to: path)
        guard count != 1 else {
            #expect(try ModelCatalog.read(path).defaultName == catalog.models[0].name)
            return
        }
        let error = #expect(throws: VSRError.self) { try ModelCatalog.read(path) }
        #expect(error?.code == .corruptData)
        #expect(
            error?.message.contains("marks \(count) models as the default") == true,
            "\(error?.message ?? "")")
    }

    @Test func aDamagedCatalogIsNamedWithWhatIsWrong() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("catalog.json")
        try Data(#"{"models": []}"#.utf8).write(to: URL(fileURLWithPath: path))
        let error = #expect(throws: VSRError.self) { try ModelCatalog.read(path) }
        #expect(error?.code == .corruptData)
        for part in [path, "catalog of models", "package", "install the program anew"] {
            #expect(error?.message.contains(part) == true, "\(error?.message ?? "")")
        }
    }

    @Test func aNameThatIsNoneIsRefusedWithWhatThereIs() throws {
        do {
            _ = try ModelReference("no-such-model")
            Issue.record("a model that is not there was found")
        } catch let error as VSRError {
            #expect(error.code == .notFound)
            for name in BundledModels.names { #expect(error.message.contains(name)) }
        }
    }

    @Test func namesDoNotReachOutOfTheFolder() {
        for name in ["../Package", "", ".", "/etc/passwd", "README"] {
            #expect(BundledModels.path(of: name) == nil)
        }
    }
}
