import Testing
import VSRExport
import VSRModel
import VSRTestSupport

/// The example of the library's documentation, compiled and run.
@Suite struct ArticleTests {
    @Test func aNetworkIsWrittenForOthers() throws {
        let folder = try TemporaryFolder()
        let dense = Model.random(
            Blueprint(
                direction: .unidirectional, width: 3, blocks: 1,
                flow: .init(widths: [1, 1, 1, 1], levels: 1)), seed: 1)
        let model = dense
        let (graphPath, checkpointPath) = (folder.path("slim.onnx"), folder.path("dense.pth"))

        let files = try OnnxExport(producerVersion: "1.0").write(model, to: graphPath)
        let differences = try BasicSRExport().write(dense, to: checkpointPath)

        #expect(files == [graphPath] && differences.count == 1)
        #expect(folder.contents == ["dense.pth", "slim.onnx"])
    }
}
