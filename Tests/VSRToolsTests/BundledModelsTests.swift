import Foundation
import Testing
import VSRCore
import VSRModel
import VSRTools

@Suite struct BundledModelsTests {
    @Test func everyBundledModelCanBeReadAndHasACard() throws {
        for name in BundledModels.names {
            let path = try #require(BundledModels.path(of: name))
            let model = try ModelReference(name).read()
            try model.validate()
            let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
            #expect(try #require(size) <= 1 << 20, "\(name) is larger than 1 MiB")
            let card = path.replacingOccurrences(of: ".safetensors", with: ".md")
            #expect(FileManager.default.fileExists(atPath: card), "\(name) has no card")
        }
    }

    @Test func everyBundledModelSaysWhatItWasTrainedFor() throws {
        let catalog = try #require(try ModelCatalog.read())
        #expect(!BundledModels.names.isEmpty)
        for name in BundledModels.names {
            let trained = try ModelReference(name).read().metadata[MetadataKey.degradation]
            #expect(trained == catalog[name]?.degradation.rawValue && trained != nil, "\(name)")
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
