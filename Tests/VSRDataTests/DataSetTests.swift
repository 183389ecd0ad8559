import Foundation
import Testing
import VSRCore
import VSRData
import VSRImaging
import VSRMedia
import VSRTestSupport

/// Data sets of gray pictures, laid out as their authors, BasicSR and mmagic do.
@Suite struct DataSetTests {
    private static let high = FrameSize(width: 16, height: 8)
    private static let low = FrameSize(width: 4, height: 2)

    /// Writes pictures of these paths; those whose path contains one of `small` are a quarter.
    private static func folder(_ pictures: [String], small: [String] = []) throws -> TemporaryFolder
    {
        let folder = try TemporaryFolder()
        // Plain files, since waiting for the disk after each would take most of the time.
        let encoded = try [low, high].map {
            try ImageFile.encode(Frame(size: $0), as: .png, name: "a picture")
        }
        for picture in pictures {
            let isSmall = small.contains { picture.contains($0) }
            let url = folder.url.appendingPathComponent("set/\(picture)")
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try encoded[isSmall ? 0 : 1].write(to: url)
        }
        return folder
    }

    private static func recognized(_ folder: TemporaryFolder) throws -> DataSet {
        try DataSet(recognizing: folder.path("set"))
    }

    struct Layout: CustomTestStringConvertible, Sendable {
        var pictures: [String]
        var small: [String]
        var layout: ClipLayout
        var clips: [String]
        var low: [String]
        var testDescription: String { pictures[0] }
    }

    @Test(arguments: [
        Layout(
            pictures: ["GT/a/0.png", "GT/b/0.png", "BIx4/a/0.png", "BIx4/b/0.png", "BDx4/a/0.png"],
            small: ["x4"], layout: .vid4, clips: ["a", "b"], low: ["BDx4", "BIx4"]),
        Layout(
            pictures: ["HR/a/0.png", "LR/a/0.png"], small: ["LR"], layout: .vid4, clips: ["a"],
            low: ["LR"]),
        Layout(
            pictures: ["Vid4/GT/a/0.png", "Vid4/BIx4/a/0.png"], small: ["BIx4"], layout: .vid4,
            clips: ["a"], low: ["Vid4/BIx4"]),
        Layout(
            pictures: [
                "train_sharp/000/0.png", "train_sharp/011/0.png",
                "train_sharp_bicubic/X4/000/0.png", "train_sharp_bicubic/X4/011/0.png",
                "train_blur/000/0.png",
            ], small: ["X4"], layout: .reds, clips: ["000", "011"], low: ["train_sharp_bicubic/X4"]),
        Layout(
            pictures: ["train_sharp/000/0.png", "train_sharp_bicubic/000/0.png"],
            small: ["bicubic"], layout: .reds, clips: ["000"], low: ["train_sharp_bicubic"]),
        Layout(
            pictures: [
                "train/train_sharp/000/0.png", "train/train_sharp_bicubic/X4/000/0.png",
                "val/val_sharp/000/0.png", "val/val_sharp_bicubic/X4/000/0.png",
            ], small: ["X4"], layout: .reds, clips: ["train_sharp/000", "val_sharp/000"],
            low: ["train/train_sharp_bicubic/X4", "val/val_sharp_bicubic/X4"]),
        Layout(
            pictures: ["sequences/00001/0266/im1.png", "sequences/00002/0001/im1.png"], small: [],
            layout: .vimeo90k, clips: ["00001/0266", "00002/0001"], low: []),
        Layout(
            pictures: ["GT/00001/0266/im1.png", "BIx4/00001/0266/im1.png"], small: ["BIx4"],
            layout: .vimeo90k, clips: ["00001/0266"], low: ["BIx4"]),
        Layout(
            pictures: [
                "vimeo_septuplet/sequences/00001/0266/im1.png",
                "vimeo_septuplet_matlabLRx4/sequences/00001/0266/im1.png",
            ], small: ["LRx4"], layout: .vimeo90k, clips: ["00001/0266"],
            low: ["vimeo_septuplet_matlabLRx4/sequences"]),
        Layout(
            pictures: ["00001/0266/im1.png"], small: [], layout: .vimeo90k, clips: ["00001/0266"],
            low: []),
        Layout(
            pictures: [
                "car/truth/0.png", "car/input4/0.png", "car/blur4/0.png", "hut/truth/0.png",
            ],
            small: ["4"], layout: .spmcs, clips: ["car", "hut"], low: ["blur4", "input4"]),
        Layout(
            pictures: ["a/0.png", "b/0.png"], small: [], layout: .clips, clips: ["a", "b"], low: []),
        Layout(
            pictures: ["x/a/0.png", "y/b/0.png"], small: [], layout: .clips,
            clips: ["x/a", "y/b"], low: []),
        // Clips beside a data set are clips of the whole, as they have always been.
        Layout(
            pictures: ["x/a/0.png", "Vid4/GT/a/0.png"], small: [], layout: .clips,
            clips: ["Vid4/GT/a", "x/a"], low: []),
    ])
    func layoutsAreRecognizedByTheirContents(layout: Layout) throws {
        let folder = try Self.folder(layout.pictures, small: layout.small)
        let set = try Self.recognized(folder)
        #expect(set.layout == layout.layout)
        #expect(try set.clips().map(\.name) == layout.clips)
        let names = set.lowResolution.flatMap { $0.name.components(separatedBy: " and ") }
        #expect(names == layout.low)
        #expect(set.lowResolution.allSatisfy { $0.scale == 4 })
        #expect(set.sentence.contains("recognized layout \(layout.layout.rawValue)"))
        for frames in set.lowResolution {
            let pair = try #require(try set.clips(lowResolution: frames).first)
            #expect(try pair.groundTruth.open().properties.size == Self.high)
            #expect(try #require(pair.lowResolution).open().properties.size == Self.low)
        }
        // The layout named gives the same.
        let named = try layout.layout.clips(at: folder.path("set"))
        #expect(named.map(\.name) == layout.clips)
    }

    @Test func framesAsLargeAsOriginalsAreLeftOutAndNamed() throws {
        let folder = try Self.folder(
            ["GT/a/0.png", "BIx4/a/0.png", "BIx4up_direct/a/0.png"], small: ["BIx4/"])
        let set = try Self.recognized(folder)
        #expect(set.lowResolution.map(\.name) == ["BIx4"])
        #expect(set.remarks.count == 1)
        #expect(
            set.remarks[0].contains("BIx4up_direct is left out: its frames of 16x8 are as large"))
    }

    @Test func severalDataSetsAreNamed() throws {
        let folder = try Self.folder(["Vid4/GT/a/0.png", "UDM10/GT/b/0.png"])
        let error = #expect(throws: VSRError.self) { try Self.recognized(folder) }
        #expect(error?.message.contains("several data sets: UDM10 (vid4), Vid4 (vid4)") == true)
    }

    @Test func anEmptyNameIsRefused() throws {
        #expect(throws: VSRError.self) { try DataSet(recognizing: "") }
        #expect(throws: VSRError.self) { try ClipLayout.vid4.clips(at: "") }
    }

    @Test func publishedFramesAreChosenByTheirNamesOrAsked() throws {
        let folder = try Self.folder(
            ["GT/a/0.png", "BIx4/a/0.png", "BDx4/a/0.png", "other/a/0.png"], small: ["x4", "other"])
        let set = try Self.recognized(folder)
        func name(_ wanted: String?, _ degradation: Degradation) throws -> String {
            try set.lowResolution(named: wanted, for: degradation, scale: 4).name
        }
        #expect(try name(nil, .bicubic) == "BIx4")
        #expect(try name(nil, .blurred) == "BDx4")
        #expect(try name(nil, .blurredUncentered) == "BDx4")
        #expect(try name("other", .bicubic) == "other")
        let elsewhere = try Self.folder(["a/0.png"], small: ["a"])
        #expect(try name(elsewhere.path("set"), .bicubic) == elsewhere.path("set"))
        let unknown = #expect(throws: VSRError.self) { try name("BIx2", .bicubic) }
        #expect(unknown?.message.contains("BDx4 (×4), BIx4 (×4), other (×4)") == true)
        let scale = #expect(throws: VSRError.self) {
            try set.lowResolution(named: nil, for: .bicubic, scale: 2)
        }
        #expect(scale?.message.contains("no published low-resolution frames at scale 2") == true)
    }

    @Test func clipsBesideWhatLooksLikeADataSetAreMeantToo() throws {
        func names(_ pictures: [String]) throws -> [String] {
            let folder = try Self.folder(pictures)
            return try withExtendedLifetime(folder) {
                try Self.recognized(folder).clips().map(\.name).sorted()
            }
        }
        #expect(
            // Of clips in the folder itself, those further in are none.
            try names(["hr/a/0.png", "b/0.png", "c/0.png"]) == ["b", "c"])
        #expect(
            try names(["a/original/0.png", "a/graded/0.png", "b/take1/0.png"])
                == ["a/graded", "a/original", "b/take1"])
    }

    @Test func listsMayNameClipsFromTheDataSetsFolder() throws {
        let folder = try Self.folder(["train_sharp/000/0.png", "train_sharp/001/0.png"])
        try Data("train_sharp/001\n000\n".utf8).write(
            to: URL(fileURLWithPath: folder.path("list.txt")))
        let clips = try Self.recognized(folder).clips(ClipSelection(list: folder.path("list.txt")))
        #expect(clips.map(\.name) == ["001", "000"])
    }

    @Test func listsOfMMagicAreUnderstood() throws {
        let folder = try Self.folder(["GT/calendar/0.png", "GT/walk/0.png", "GT/000/0.png"])
        func names(_ text: String) throws -> [String] {
            try Data(text.utf8).write(to: URL(fileURLWithPath: folder.path("list.txt")))
            return try Self.recognized(folder)
                .clips(ClipSelection(list: folder.path("list.txt"))).map(\.name)
        }
        #expect(try names("walk 47\ncalendar 41\n") == ["walk", "calendar"])
        #expect(try names("walk (576, 720, 3)\n") == ["walk"])
        #expect(
            try names("000/00000000.png (720, 1280, 3)\n000/00000001.png (720, 1280, 3)\nwalk\n")
                == ["000", "walk"])
    }

    @Test func clipsOfREDSGoByTheirFolders() throws {
        func names(_ preset: BenchmarkPreset, _ pictures: [String]) throws -> [String]? {
            let folder = try Self.folder(pictures)
            return try withExtendedLifetime(folder) {
                try preset.selection(in: try Self.recognized(folder)).names
            }
        }
        let reds4 = ["000", "011", "015", "020"]
        #expect(try names(.reds4, ["train_sharp/000/0.png"]) == reds4)
        #expect(try names(.reds4, ["000/0.png"]) == reds4)
        #expect(
            try names(.reds4, ["train_sharp/000/0.png", "val_sharp/000/0.png"])
                == reds4.map { "train_sharp/\($0)" })
        #expect(try names(.redsval4, ["val_sharp/000/0.png"]) == ["000", "001", "006", "017"])
        // Five of them do not say of which set they are.
        let many = reds4 + ["021"]
        let unknown = #expect(throws: VSRError.self) {
            try names(.reds4, many.map { "\($0)/0.png" })
        }
        #expect(unknown?.message.contains("name the folder that holds train_sharp") == true)
        // BasicSR moves the 30 validation clips behind the 240 of training.
        #expect(try names(.redsval4, ["train_sharp/240/0.png"]) == ["240", "241", "246", "257"])
        let error = #expect(throws: VSRError.self) {
            try names(.reds4, ["val_sharp/000/0.png"])
        }
        #expect(error?.message.contains("train_sharp") == true)
    }
}
