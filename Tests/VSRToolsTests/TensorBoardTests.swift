import Foundation
import Testing
import VSRCore
import VSRTestSupport

@testable import VSRTools

@Suite struct TensorBoardTests {
    private struct Fixture: Decodable {
        struct Scalar: Decodable {
            var tag: String
            var value: Double
            var step: Int
            var wallTime: Double
        }
        var scalars: [Scalar]
        var bytes: String
    }

    private static func fixture() throws -> Fixture {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../Fixtures/VSRTools/tensorboard-events.json").path
        return try JSONText.read(from: path, as: "a fixture")
    }

    /// The fixture is written by TensorBoard's own writer: scripts/reference/tensorboard_events.py.
    @Test func filesEqualThoseOfTensorBoardsWriter() throws {
        let fixture = try Self.fixture()
        var file = EventFile(wallTime: 1000)
        for scalar in fixture.scalars {
            file.add(scalar.tag, scalar.value, step: scalar.step, wallTime: scalar.wallTime)
        }
        #expect(file.data.map { String(format: "%02x", $0) }.joined() == fixture.bytes)
        #expect(fixture.scalars.count == 3)
    }

    /// RFC 3720, B.4: 32 bytes of zeros, of ones, and ascending ones.
    @Test func checksumsAreThoseOfTheStandard() {
        let cases: [(bytes: [UInt8], checksum: UInt32)] = [
            (Array(repeating: 0, count: 32), 0x8A91_36AA),
            (Array(repeating: 0xFF, count: 32), 0x62A8_AB43),
            ((0..<32).map { UInt8($0) }, 0x46DD_794E),
        ]
        for (bytes, checksum) in cases {
            let rotated = EventFile.maskedChecksum(bytes) &- 0xA282_EAD8
            #expect((rotated >> 17) | (rotated << 15) == checksum)
        }
    }

    @Test func everyLogBecomesARun() throws {
        let folder = try TemporaryFolder()
        try FileManager.default.createDirectory(
            atPath: folder.path("runs/a/b"), withIntermediateDirectories: true)
        let log = """
            {"iteration":20,"means":{"loss":0.5},"iterationsPerSecond":2,"rate":0.1,"figures":{}}
            {"iteration":40,"validation":{"psnr":27,"clips":{"one":26.5},"text":"x"}}
            {"iteration":60,"mea
            """
        try Data(log.utf8).write(to: URL(fileURLWithPath: folder.path("runs/a/b/log.jsonl")))
        let result = CommandLineHarness.run([
            "tensorboard", folder.path("runs"), "-o", folder.path("out"),
        ])
        #expect(result.code == 0)
        #expect(result.output == "wrote 5 figures of 1 run to \(folder.path("out"))")
        #expect(result.remarks.count == 1 && result.remarks[0].contains("1 of its lines"))
        let path = folder.path("out/a/b/events.out.tfevents.slimvsr")
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        for tag in ["means/loss", "rate", "validation/psnr", "validation/clips/one"] {
            #expect(data.range(of: Data(tag.utf8)) != nil)
        }
        let again = try TensorBoardExport().write(folder.path("runs"), to: folder.path("out"))
        #expect(again.runs == ["a/b"])
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == data)
    }

    @Test func foldersWithoutRunsAreRefused() throws {
        let folder = try TemporaryFolder()
        for (path, words) in [
            (folder.path(""), "neither a run's log.jsonl"), (folder.path("no"), "cannot read"),
        ] {
            let result = CommandLineHarness.run(["tensorboard", path, "-o", folder.path("out")])
            #expect(result.code != 0)
            #expect(result.errors.count == 1 && result.errors[0].contains(words))
        }
        #expect(!FileManager.default.fileExists(atPath: folder.path("out")))
    }
}
