import Foundation
import Testing
import VSRCore

@Suite struct DecodingErrorExplanationTests {
    private enum Direction: String, Decodable { case uni, bi }
    private struct Sample: Decodable {
        var width: Int
        var rates: [Double]?
        var names: [String: String]?
        var direction: Direction?
        var inner: [Inner]?
    }
    private struct Inner: Decodable { var isOn: Bool }

    private func explanation(_ json: String, found: String? = nil) throws -> String {
        let error = #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(Sample.self, from: Data(json.utf8))
        }
        return try #require(error).explanation { _ in found }
    }

    @Test(arguments: [
        (#"{}"#, "it lacks the key width"),
        (#"{"width": "a"}"#, "width must be an integer"),
        (#"{"width": null}"#, "width must be an integer"),
        (#"{"width": 1, "rates": [1, "x"]}"#, "rates[1] must be a number"),
        (#"{"width": 1, "rates": 2}"#, "rates must be a list"),
        (#"{"width": 1, "names": 2}"#, "names must be a group of keys"),
        (#"{"width": 1, "names": {"a": 1}}"#, "names.a must be text"),
        (#"{"width": 1, "inner": [{"isOn": true}, {}]}"#, "it lacks the key inner[1].isOn"),
        (#"{"width": 1, "inner": [{"isOn": 1}]}"#, "inner[0].isOn must be true or false"),
        (#"[]"#, "it must be a group of keys"),
    ])
    func theKeyAndWhatBelongsThereAreNamed(json: String, expected: String) throws {
        #expect(try explanation(json) == expected)
    }

    @Test func whatWasFoundIsNamedWhereItIsKnown() throws {
        #expect(
            try explanation(#"{"width": "a"}"#, found: "\"a\"")
                == "width must be an integer, not \"a\"")
        let sideways = #"{"width": 1, "direction": "sideways"}"#
        #expect(try explanation(sideways).hasPrefix("direction is not valid: "))
        #expect(
            try explanation(sideways, found: "\"sideways\"")
                .hasPrefix("direction cannot be \"sideways\": "))
    }

    @Test func textThatIsNoJSONIsMalformed() throws {
        #expect(try explanation("{").hasPrefix("it is malformed: "))
    }
}
