import Foundation

extension String {
    /// This path without links and detours, by which two names of one file are equal.
    package var resolvedPath: String {
        URL(fileURLWithPath: self).resolvingSymlinksInPath().standardizedFileURL.path
    }
}
