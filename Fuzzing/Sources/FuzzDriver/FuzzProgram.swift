import CFuzzer
import Foundation
import Synchronization

/// A program that fuzzes one of several targets.
///
/// FUZZ_TARGET names the target; libFuzzer's own options are the arguments. With FUZZ_SEEDS, a folder,
/// the program writes the first inputs there instead; with FUZZ_CHECK, a folder, it says which of the
/// inputs there are refused: seeds that are refused teach the fuzzer little.
public enum FuzzProgram {
    /// What libFuzzer calls has no context, so it asks here.
    private static let chosen = Mutex<FuzzTarget?>(nil)

    /// Runs the program and returns its exit status.
    public static func run(_ targets: [FuzzTarget]) throws -> Int32 {
        let environment = ProcessInfo.processInfo.environment
        guard let target = targets.first(where: { $0.name == environment["FUZZ_TARGET"] }) else {
            print("error: set FUZZ_TARGET to one of \(targets.map(\.name).joined(separator: ", "))")
            return 1
        }
        if let folder = environment["FUZZ_SEEDS"] {
            try target.seed?(folder)
            return 0
        }
        if let folder = environment["FUZZ_CHECK"] { return try check(target, folder) }
        chosen.withLock { $0 = target }
        var count = CommandLine.argc
        var words: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
        return LLVMFuzzerRunDriver(&count, &words) { data, size in
            let target = FuzzProgram.chosen.withLock { $0 }
            try? target?.read(UnsafeRawBufferPointer(start: data, count: size))
            return 0
        }
    }

    private static func check(_ target: FuzzTarget, _ folder: String) throws -> Int32 {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        var refused = names.isEmpty ? 1 : 0
        for name in names {
            do {
                try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)"))
                    .withUnsafeBytes(target.read)
            } catch {
                print("error: \(target.name) refuses the seed \(name): \(error)")
                refused += 1
            }
        }
        if names.isEmpty { print("error: there are no seeds of \(target.name) in \(folder)") }
        return refused == 0 ? 0 : 1
    }
}
