import Foundation
import Testing
import VSRCore
import VSRModel
import VSRTestSupport

@Suite struct WeightsFileTests {
    @Test func filesAreToldApartByContent() throws {
        for name in CheckpointFixture.networks {
            #expect(try WeightsFile.kind(of: CheckpointFixture.path(name)) == .checkpoint)
        }
        let model = try TemporaryFile([])
        try ModelFile.write(
            Model.initialized(Blueprint(direction: .unidirectional, width: 2), seed: 1),
            to: model.path)
        #expect(try WeightsFile.kind(of: model.path) == .model)
        let foreign = try TemporaryFile([])
        try SafetensorsWriter.write([(name: "a", tensor: .init(shape: [1]))], to: foreign.path)
        #expect(try WeightsFile.kind(of: foreign.path) == .safetensors)
    }

    @Test(arguments: [
        ("<!DOCTYPE html><title>Sign in</title>", "web page"),
        ("version https://git-lfs.github.com/spec/v1\noid sha256:00", "git lfs pull"),
        ("just some text of no format", "neither a model file"),
        ("\u{1}PNG\r\n\u{1A}\n\u{0}\u{0}\u{0}\rIHDR", "neither a model file"),
    ])
    func otherFilesAreNamedForWhatTheyAre(_ content: String, _ reason: String) throws {
        let file = try TemporaryFile(Array(content.utf8))
        let error = #expect(throws: VSRError.self) { try WeightsFile.open(file.path) }
        #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
        #expect(error?.message.contains(file.path) == true)
    }

    @Test func picklesThatTorchDidNotSaveAreRefused() throws {
        // pickle.dumps({"a": 1}, protocol=4)
        let bytes: [UInt8] =
            [0x80, 4, 0x95, 10, 0, 0, 0, 0, 0, 0, 0] + Array("}".utf8) + [0x94, 0x8C, 1]
            + Array("a".utf8) + [0x94] + Array("K".utf8) + [1] + Array("s.".utf8)
        let file = try TemporaryFile(bytes)
        let error = #expect(throws: VSRError.self) { try WeightsFile.open(file.path) }
        #expect(error?.message.contains("torch.save") == true)
    }

    @Test func emptyAndCutFilesAreErrors() throws {
        let bytes = [UInt8](
            try Data(contentsOf: URL(fileURLWithPath: CheckpointFixture.path("protocol4"))))
        for count in [0, 1, 8, 31, 33, 100] {
            let file = try TemporaryFile(Array(bytes.prefix(count)))
            #expect(throws: VSRError.self) { try WeightsFile.open(file.path) }
        }
    }
}
