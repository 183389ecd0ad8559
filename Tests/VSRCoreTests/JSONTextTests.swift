import Foundation
import Testing
import VSRCore
import VSRTestSupport

@Suite struct JSONTextTests {
    private struct Sample: Encodable {
        var path = "a/b"
        var figures = ["z": 1.5, "a": Double.infinity]
    }

    @Test func keysAreSortedAndSlashesStay() throws {
        let text = #"{"figures":{"a":"inf","z":1.5},"path":"a/b"}"#
        #expect(try JSONText.text(Sample(), .compact) == text)
    }

    @Test func prettyTextHasOneMemberPerLine() throws {
        let lines = [
            "{", #"  "figures" : {"#, #"    "a" : "inf","#, #"    "z" : 1.5"#, "  },",
            #"  "path" : "a/b""#, "}",
        ]
        #expect(try JSONText.text(Sample()) == lines.joined(separator: "\n"))
    }

    @Test func filesEndWithALineBreak() throws {
        #expect(try JSONText.data([1], .compact) == Data("[1]\n".utf8))
        let folder = try TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        let path = folder.path("values.json")
        try JSONText.write(["a": 1], to: path)
        #expect(FileManager.default.contents(atPath: path) == Data("{\n  \"a\" : 1\n}\n".utf8))
    }

    @Test func valuesThatRefuseAreNamedByTheirType() throws {
        struct Refusing: Encodable {
            func encode(to encoder: any Encoder) throws { throw VSRError(.io, "not today") }
        }
        let error = #expect(throws: VSRError.self) { try JSONText.text(Refusing()) }
        #expect(error?.code == .invalidArgument && error?.causes == ["not today"])
        #expect(error?.message.contains("Refusing") == true)
    }
}
