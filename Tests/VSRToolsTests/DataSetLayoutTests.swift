import Foundation
import Testing
import VSRCore
import VSRImaging
import VSRMedia
import VSRTestSupport
import VSRTools

/// The same clips give the same figures in every layout.
@Suite struct DataSetLayoutTests {
    private static func evaluated(_ options: [String]) throws -> Evaluation.Outcome {
        let result = CommandLineHarness.run(
            ["evaluate", "--model", "bicubic", "--json", "-"] + options)
        #expect(result.code == 0, "\(result.remarks)")
        return try JSONDecoder().decode(Evaluation.Outcome.self, from: Data(result.output.utf8))
    }

    /// Figures by numpy, from the definitions: `scripts/reference/evaluate_bicubic.py`.
    private static func reference() throws -> [String: QualityFigures] {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Fixtures/VSRTools/bicubic.json")
        let all = try JSONDecoder().decode(
            [String: [String: QualityFigures]].self, from: Data(contentsOf: path))
        return try #require(all["BI Y"])
    }

    private static func clips() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        let clips = [(3, FrameSize(width: 40, height: 32)), (2, FrameSize(width: 24, height: 28))]
        for (clip, (count, size)) in clips.enumerated() {
            try SmallClips.writePictures(
                clip: clip, count: count, size: size, to: folder.path("GT/clip\(clip)"))
            for frame in 0..<count {
                let picture = SmallClips.picture(clip: clip, frame: frame, size: size)
                let name = try FileManager.default
                    .contentsOfDirectory(atPath: folder.path("GT/clip\(clip)")).sorted()[frame]
                try folder.write(
                    try Degradation.bicubic.degraded(picture, scale: 4), "BIx4/clip\(clip)/\(name)")
            }
        }
        return folder
    }

    @Test(arguments: DataSetLayouts.all.indices)
    func figuresOfNumpyComeOutOfEveryLayout(index: Int) throws {
        let layout = DataSetLayouts.all[index]
        let source = try Self.clips()
        let folder = try DataSetLayouts.link(["clip0", "clip1"], from: source.path, layout)
        let reference = try Self.reference()
        let options = ["--data", folder.path, "--degradation", "BI"]
        for published in layout.low.isEmpty ? [[]] : [[], ["--published"]] {
            let outcome = try Self.evaluated(options + published)
            #expect(outcome.clips.map(\.name) == ["clip0", "clip1"], "\(layout.name)")
            for clip in outcome.clips {
                let expected = try #require(reference[clip.name])
                // The fixture is rounded to ten digits.
                #expect(abs(clip.figures.psnr - expected.psnr) < 1e-8, "\(layout.name)")
                #expect(abs(clip.figures.ssim - expected.ssim) < 1e-8, "\(layout.name)")
            }
            #expect(outcome.lowResolution == (published.isEmpty ? "made" : "published"))
            #expect(outcome.warnings.isEmpty)
        }
        let found = CommandLineHarness.run(["verify-data", folder.path])
        if !layout.name.contains("REDS") {
            #expect(found.code == 0, "\(layout.name): \(found.output)")
        }
        if !layout.low.isEmpty {
            #expect(found.output.contains(" BI  equal    centered    0  0.000"), "\(found.output)")
        }
        #expect(found.output.components(separatedBy: "\n").allSatisfy { $0.count <= 100 })
    }

    /// Published: 23.78 / 0.6347.
    @Test(
        .enabled(
            if: ProcessInfo.processInfo.environment["SLIMVSR_DATA"] != nil,
            "set SLIMVSR_DATA to the folder that holds vid4/GT and vid4/BIx4"),
        arguments: DataSetLayouts.all.indices.filter {
            // One of each kind, since this takes long.
            ["mmagic", "archives of REDS", "SPMCS"].contains(DataSetLayouts.all[$0].name)
        })
    func vid4HasThePublishedFigures(index: Int) throws {
        let root = try #require(ProcessInfo.processInfo.environment["SLIMVSR_DATA"]) + "/vid4"
        guard FileManager.default.fileExists(atPath: root + "/GT") else {
            print("skipped: \(root) has no GT")
            return
        }
        let layout = DataSetLayouts.all[index]
        let folder = try DataSetLayouts.link(
            ["calendar", "city", "foliage", "walk"], from: root, layout)
        let published = layout.low.isEmpty ? [] : ["--published"]
        let outcome = try Self.evaluated(
            ["--benchmark", "vid4", "--data", folder.path] + published)
        #expect(abs(outcome.mean.psnr - 23.784) <= 0.0005, "\(layout.name)")
        #expect(abs(outcome.mean.ssim - 0.6347) <= 0.00005, "\(layout.name)")
        #expect(outcome.warnings.isEmpty && outcome.frameCount == 171)
    }
}
