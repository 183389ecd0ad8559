import CFuzzer
import Foundation

// FUZZ_TARGET says what is fuzzed; libFuzzer's own options are the arguments. With FUZZ_SEEDS, a
// folder, the program writes the first inputs there instead.
let environment = ProcessInfo.processInfo.environment
guard let target = FuzzTarget(rawValue: environment["FUZZ_TARGET"] ?? "") else {
    let names = FuzzTarget.allCases.map(\.rawValue).joined(separator: ", ")
    print("error: set FUZZ_TARGET to one of \(names)")
    exit(1)
}
if let folder = environment["FUZZ_SEEDS"] {
    try Seeds.write(target, to: folder)
    exit(0)
}

/// What libFuzzer calls has no context, so it asks the environment once.
enum Chosen {
    static let target = FuzzTarget(
        rawValue: ProcessInfo.processInfo.environment["FUZZ_TARGET"] ?? "")
}

var count = CommandLine.argc
var words: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
exit(
    LLVMFuzzerRunDriver(&count, &words) { data, size in
        try? Chosen.target?.read(UnsafeRawBufferPointer(start: data, count: size))
        return 0
    })
