import Foundation
import Testing
import VSRCore
import VSRModel
import VSRTestSupport

@Suite struct ModelFileTests {
    private func write(_ model: Model, storage: WeightStorage = .float32) throws -> TemporaryFile {
        let file = try TemporaryFile([])
        try ModelFile.write(model, to: file.path, storage: storage)
        return file
    }

    /// Empty tensors may be absent, so they do not count.
    private func filled(_ model: Model) -> [TensorKey: ModelTensor] {
        model.tensors.filter { !$0.value.values.isEmpty }
    }

    @Test func modelsReadBackExactly() throws {
        let model = try Model.example()
        let read = try ModelFile.read(try write(model).path)
        #expect(read.blueprint == model.blueprint)
        #expect(read.metadata == model.metadata)
        #expect(read.tensors == filled(model))
        try read.validate()
        #expect(try ModelFile.readBlueprint(try write(model).path) == model.blueprint)
    }

    @Test func aSecondRefinementIsWrittenUnderItsNameAndReadBack() throws {
        var blueprint = Blueprint(
            direction: .unidirectional, width: 4, blocks: 1,
            flow: .init(widths: [2, 3, 2, 1], levels: 2))
        blueprint.upsampler = .init(widths: [3, 2], refinementWidths: [5, 4])
        let model = try Model.initialized(blueprint, seed: 5)
        let file = try write(model)
        #expect(try ModelFile.read(file.path) == model)
        let stored = try SafetensorsFile(path: file.path)
        #expect(stored.shape(of: "conv_hr.weight") == [5, 2, 3, 3])
        #expect(stored.shape(of: "conv_hr2.weight") == [4, 5, 3, 3])
        #expect(stored.shape(of: "conv_hr2.bias") == [4])
        #expect(stored.shape(of: "conv_last.weight") == [3, 4, 3, 3])
    }

    @Test func equalModelsGiveEqualFiles() throws {
        let model = try Model.example()
        #expect(try write(model).bytes() == write(model).bytes())
        #expect(
            try write(try ModelFile.read(try write(model).path)).bytes() == write(model).bytes())
    }

    @Test(arguments: WeightStorage.allCases)
    func setMetadataLeavesEverythingElseBitForBit(storage: WeightStorage) throws {
        var model = try Model.example()
        let before = try write(model, storage: storage)
        let output = try TemporaryFile([])
        try ModelFile.setMetadata(
            [MetadataKey.data: "clips ×4"], of: before.path, to: output.path)
        // The file that writing the model with that key would have given.
        model.metadata[MetadataKey.data] = "clips ×4"
        #expect(try output.bytes() == write(model, storage: storage).bytes())
        try ModelFile.setMetadata(
            [MetadataKey.data: "other"], of: output.path, to: output.path)
        model.metadata[MetadataKey.data] = "other"
        #expect(try output.bytes() == write(model, storage: storage).bytes())
    }

    /// A file of another writer: tensors in another order, of several types.
    @Test func setMetadataKeepsStoredTypesAndOrder() throws {
        let blueprint = Blueprint(
            direction: .unidirectional, width: 2, blocks: 0,
            flow: .init(widths: [1, 1, 1, 1], levels: 1))
        let shapes = blueprint.tensorShapes.map { ($0.name, $1) }.sorted { $0.0 > $1.0 }
        var members: [String] = []
        var data: [UInt8] = []
        for (index, (name, shape)) in shapes.enumerated() {
            let (type, size) = index % 2 == 0 ? ("BF16", 2) : ("F64", 8)
            let count = shape.reduce(size, *)
            let range = "[\(data.count),\(data.count + count)]"
            members.append(
                "\"\(name)\": {\"shape\": \(shape), \"dtype\": \"\(type)\", \"data_offsets\": \(range)}"
            )
            // Small finite numbers in either type: the top byte is 0x3C.
            data += (0..<count).map { $0 % size == size - 1 ? 0x3C : UInt8(truncatingIfNeeded: $0) }
        }
        let json = try String(decoding: JSONEncoder().encode(blueprint.json()), as: UTF8.self)
        members.append(
            "\"__metadata__\": {\"slimvsr.format\": \"1\", \"slimvsr.blueprint\": \(json)}")
        let header = Array("{\(members.joined(separator: ", "))}".utf8)
        let length = withUnsafeBytes(of: UInt64(header.count).littleEndian) { Array($0) }
        let file = try TemporaryFile(length + header + data)
        let before = try ModelFile.read(file.path)
        let types = try SafetensorsFile(path: file.path)
        try ModelFile.setMetadata(["a": "b"], of: file.path, to: file.path)
        #expect(Array(try file.bytes().suffix(data.count)) == data)
        let after = try ModelFile.read(file.path)
        #expect(after.tensors == before.tensors && after.metadata == ["a": "b"])
        let found = try SafetensorsFile(path: file.path)
        #expect(found.names == types.names)
        for name in found.names {
            #expect(found.elementType(of: name) == types.elementType(of: name))
        }
    }

    @Test func keysOfTheLayoutCannotBeSet() throws {
        let file = try write(try Model.example())
        let before = try file.bytes()
        for key in [MetadataKey.blueprint, MetadataKey.format] {
            let error = #expect(throws: VSRError.self) {
                try ModelFile.setMetadata([key: "2"], of: file.path, to: file.path)
            }
            #expect(error?.code == .invalidArgument)
        }
        #expect(try file.bytes() == before)
    }

    @Test func halfPrecisionHalvesTheFileAndKeepsElevenBits() throws {
        let model = try Model.initialized(
            Blueprint(direction: .unidirectional, width: 16, blocks: 2, flow: .quarter), seed: 1)
        let full = try write(model)
        let half = try write(model, storage: .float16)
        #expect(try Double(half.bytes().count) < 0.56 * Double(full.bytes().count))
        let read = try ModelFile.read(half.path)
        for (key, tensor) in model.tensors {
            let found = try #require(read.tensors[key])
            #expect(found.shape == tensor.shape)
            for (value, original) in zip(found.values, tensor.values) {
                // Half a unit in the last place, or of the smallest subnormal.
                #expect(abs(value - original) <= max(original.magnitude * 0x1p-11, 0x1p-25))
            }
        }
    }

    @Test func metadataCannotReplaceTheBlueprint() throws {
        var model = try Model.example()
        model.metadata[MetadataKey.blueprint] = "nonsense"
        #expect(try ModelFile.read(try write(model).path).blueprint == model.blueprint)
    }

    @Test func writingRefusesWhatReadingWould() throws {
        let file = try TemporaryFile([1, 2, 3])
        func refused(_ change: (inout Model) -> Void) throws -> VSRError? {
            var model = try Model.example()
            change(&model)
            return #expect(throws: VSRError.self) { try ModelFile.write(model, to: file.path) }
        }
        #expect(try refused { $0.tensors[.bias(.fusion)] = nil }?.code == .notFound)
        #expect(
            try refused { $0.tensors[.bias(.fusion)] = ModelTensor(shape: [5]) }?.code
                == .shapeMismatch)
        #expect(
            try refused { $0.tensors[.bias(.fusion)]?.values[0] = .infinity }?.message
                .contains("fusion.bias") == true)
        #expect(
            try refused { $0.tensors[.bias(.upconvolution(6))] = ModelTensor(shape: [1]) }?
                .message.contains("tensor upconv7.bias") == true)
        #expect(try refused { $0.blueprint.scale = 5 }?.message.contains("scale") == true)
        // What was there stays.
        #expect(try file.bytes() == [1, 2, 3])
        var large = try Model.example()
        large.tensors[.bias(.fusion)]?.values[0] = 70_000
        let error = #expect(throws: VSRError.self) {
            try ModelFile.write(large, to: file.path, storage: .float16)
        }
        #expect(error?.message.contains("fusion.bias") == true)
    }

    /// Writes the tensors of a model with a blueprint that may be another's.
    private func forge(
        _ model: Model, blueprint: String?, format: String? = ModelFile.format,
        adding stray: [String: ModelTensor] = [:]
    ) throws -> TemporaryFile {
        let file = try TemporaryFile([])
        var metadata: [String: String] = [:]
        metadata[MetadataKey.blueprint] = blueprint
        metadata[MetadataKey.format] = format
        let tensors = (filled(model).named.merging(stray) { $1 }).sorted { $0.key < $1.key }
            .map { (name: $0, tensor: $1) }
        try SafetensorsWriter.write(tensors, metadata: metadata, to: file.path)
        return file
    }

    @Test func filesWhoseBlueprintDiffersAreRefused() throws {
        let model = try Model.example()
        let json = try model.blueprint.json()
        #expect(try ModelFile.read(try forge(model, blueprint: json).path).tensors == filled(model))
        func refused(_ file: TemporaryFile, _ reason: String) {
            let error = #expect(throws: VSRError.self) { try ModelFile.read(file.path) }
            #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
            #expect(error?.message.contains(file.path) == true)
        }
        refused(try forge(model, blueprint: nil), "not a model file")
        refused(try forge(model, blueprint: json, format: "2"), "layout 2")
        refused(try forge(model, blueprint: "{}"), "lacks the key")
        var other = model
        other.tensors[.weight(.refinement(0))] = ModelTensor(shape: [4, 4, 9])
        refused(try forge(other, blueprint: json), "tensor conv_hr.weight")
        other.tensors[.weight(.refinement(0))] = nil
        refused(try forge(other, blueprint: json), "no tensor conv_hr.weight")
        let stray = ["stray": ModelTensor(shape: [1])]
        refused(try forge(model, blueprint: json, adding: stray), "tensor stray")
    }

    @Test func aBlueprintThatClaimsAHugeNetworkCostsNothing() throws {
        let huge = Blueprint(direction: .bidirectional, width: 1024, blocks: 256)
        let file = try forge(try Model.example(), blueprint: try huge.json())
        let error = #expect(throws: VSRError.self) { try ModelFile.read(file.path) }
        #expect(error?.code == .corruptData)
    }
}
