import Testing
import VSRCore
import VSRModel

@Suite struct KeptChannelsTests {
    @Test func theCompactFormListsRangesForEachBranch() throws {
        let kept = KeptChannels(
            width: 12, indices: [.forward: [0, 1, 2, 3, 7], .backward: [2, 4, 5, 9, 11]])
        let json = #"{"backward":"2,4-5,9,11","forward":"0-3,7","width":12}"#
        #expect(try kept.json() == json)
        #expect(try KeptChannels(json: json) == kept)
        let uni = KeptChannels(width: 4, indices: [.forward: [1]])
        #expect(try uni.json() == #"{"forward":"1","width":4}"#)
        #expect(try KeptChannels(json: uni.json()) == uni)
    }

    @Test func twoPruningsCountInTheFirstNetwork() throws {
        let first = KeptChannels(width: 8, indices: [.forward: [1, 2, 5, 7]])
        let later = KeptChannels(width: 4, indices: [.forward: [0, 2, 3]])
        let both = try first.followed(by: later)
        #expect(both == KeptChannels(width: 8, indices: [.forward: [1, 5, 7]]))
        #expect(throws: VSRError.self) { try later.followed(by: first) }
    }

    @Test(arguments: [
        "", "[]", #"{"forward":"0-3"}"#, #"{"forward":"3,1","width":4}"#,
        #"{"forward":"0,4","width":4}"#, #"{"forward":[0],"width":4}"#,
    ])
    func damagedMetadataIsRefused(json: String) throws {
        let blueprint = Blueprint(
            direction: .unidirectional, width: 2, blocks: 1, scale: 2,
            flow: .init(widths: [1, 1, 1, 1], levels: 1))
        var model = try Model.initialized(blueprint, seed: 1)
        #expect(try model.keptChannels() == nil)
        model.metadata[MetadataKey.keptChannels] = json
        let error = #expect(throws: VSRError.self) { try model.keptChannels() }
        #expect(error?.code == .corruptData)
        #expect(error?.message.contains(MetadataKey.keptChannels) == true)
    }

    @Test func asManyChannelsAsTheNetworkIsWideMustBeNamed() throws {
        let blueprint = Blueprint(
            direction: .bidirectional, width: 2, blocks: 1, scale: 2,
            flow: .init(widths: [1, 1, 1, 1], levels: 1))
        var model = try Model.initialized(blueprint, seed: 1)
        model.metadata[MetadataKey.keptChannels] = #"{"forward":"0,3","width":4}"#
        let error = #expect(throws: VSRError.self) { try model.keptChannels() }
        #expect(error?.message.contains("names 0 channels of the backward trunk") == true)
        model.metadata[MetadataKey.keptChannels] = #"{"backward":"1-2","forward":"0,3","width":4}"#
        #expect(try model.keptChannels()?.indices[.backward] == [1, 2])
    }
}
