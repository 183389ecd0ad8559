import Foundation
import VSRCore
import VSRMedia

/// Several inputs and where each goes: what is done one after another in one folder.
public struct UpscaleList: Sendable, Equatable {
    /// One input and its output.
    public struct Item: Sendable, Equatable {
        public var input: String
        public var output: String
    }

    /// In the order given, folders in natural order.
    public private(set) var items: [Item] = []
    /// Files that are left out, a sentence each.
    public private(set) var remarks: [String] = []
    private let root: String
    /// Folders that were looked into, and the one of outputs: links may lead back to them.
    private var seen: Set<String>

    /// Lists what is to be done.
    ///
    /// Videos and pictures are taken as they are named. In folders each video is one input; a folder
    /// that holds pictures and no video is one, as a clip of them. An output has its input's name, within
    /// folders its path too; a video that cannot be written under its extension becomes an .mkv file, a
    /// picture .png.
    ///
    /// - Parameters:
    ///   - isRecursive: Whether folders within folders are looked into.
    /// - Throws: `notFound` for what is not there, `invalidArgument` where there is nothing to be done,
    ///   two inputs would have one output, or an input would be replaced.
    public init(of inputs: [String], into folder: String, isRecursive: Bool = false) throws {
        root = folder
        seen = [folder.resolvedPath]
        for input in inputs {
            if try MediaPath.kind(of: input) == .folder {
                try addFolder(
                    input,
                    to: inputs.count == 1 ? folder : Self.joined(folder, Self.name(of: input)),
                    isRecursive)
            } else {
                let name = Self.writtenName(of: Self.name(of: input), input)
                items.append(Item(input: input, output: Self.joined(folder, name)))
            }
        }
        guard !items.isEmpty else {
            throw VSRError(
                .invalidArgument,
                "\(inputs.joined(separator: ", ")): no video and no picture there"
                    + (isRecursive ? "" : " (--recursive looks into the folders within)"))
        }
        var outputs: [String: String] = [:]
        for item in items {
            let output = item.output.resolvedPath
            if let other = outputs.updateValue(item.input, forKey: output) {
                throw VSRError(
                    .invalidArgument,
                    "\(other) and \(item.input) would both become \(item.output): upscale them into "
                        + "different folders")
            }
        }
        if let item = items.first(where: { outputs[$0.input.resolvedPath] != nil }) {
            throw VSRError(
                .invalidArgument,
                "\(item.input) would be replaced by an output: name another folder")
        }
    }

    /// Whether a single input is to be taken as a list: a folder that holds videos.
    public static func isList(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder),
            isFolder.boolValue
        else { return false }
        return ((try? FolderListing.entries(of: path)) ?? []).contains {
            isVideo($0) && !Self.isFolder(at: joined(path, $0))
        }
    }

    private mutating func addFolder(
        _ path: String, to output: String, _ isRecursive: Bool
    ) throws {
        guard seen.insert(path.resolvedPath).inserted else { return }
        let names = try FolderListing.entries(of: path)
        let files = names.filter { !Self.isFolder(at: Self.joined(path, $0)) }
        let videos = files.filter(Self.isVideo)
        let pictures = files.filter { ImageFile.isImage($0) }
        if videos.isEmpty, !pictures.isEmpty {
            // Not into the folder in which others are to lie.
            let isRoot = output == root
            items.append(
                Item(
                    input: path,
                    output: isRoot ? Self.joined(output, Self.name(of: path)) : output))
        } else if !pictures.isEmpty {
            remarks.append(
                "\(path): \(pictures.count.counted("picture")) beside videos left out, "
                    + "\(pictures[0]) for one")
        }
        for name in videos {
            let input = Self.joined(path, name)
            let written = Self.writtenName(of: name, input)
            items.append(Item(input: input, output: Self.joined(output, written)))
        }
        guard isRecursive else { return }
        for name in names where Self.isFolder(at: Self.joined(path, name)) {
            // Another run's parts.
            guard !name.hasSuffix(".unfinished") else { continue }
            try addFolder(
                Self.joined(path, name), to: Self.joined(output, name), isRecursive)
        }
    }

    private static func isVideo(_ name: String) -> Bool {
        MediaPath.videoExtensions.contains((name as NSString).pathExtension.lowercased())
    }

    private static func isFolder(at path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
            && isFolder.boolValue
    }

    /// The name under which an input's output is written.
    private static func writtenName(of name: String, _ path: String) -> String {
        let stem = (name as NSString).deletingPathExtension
        let ending = (name as NSString).pathExtension.lowercased()
        if (try? MediaPath.kind(of: path)) == .picture {
            return ["png", "jpg", "jpeg"].contains(ending) ? name : stem + ".png"
        }
        return Container(named: name) != nil ? name : stem + ".mkv"
    }

    /// The last part of a path; `.` and `..` are named by the folder that they are.
    private static func name(of path: String) -> String {
        (path.resolvedPath as NSString).lastPathComponent
    }

    private static func joined(_ folder: String, _ name: String) -> String {
        name.isEmpty ? folder : folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
    }
}
