import Foundation

/// How many damaged files a mutation test tries: `few`, as `make test` does, or `many` where the
/// environment has SLIMVSR_LONG, as `make check-long` sets it.
public func caseCount(few: Int, many: Int) -> Int {
    ProcessInfo.processInfo.environment["SLIMVSR_LONG"] == nil ? few : many
}
