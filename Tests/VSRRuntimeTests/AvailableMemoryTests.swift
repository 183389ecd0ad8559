import Foundation
import Testing
import VSRTestSupport

@testable import VSRRuntime

@Suite struct AvailableMemoryTests {
    /// Control groups with the files given.
    private func groups(_ files: [String: String]) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        for (name, text) in files {
            let file = URL(fileURLWithPath: folder.path(name))
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        return folder
    }

    private func limit(_ lines: String, _ folder: TemporaryFolder) -> Int? {
        AvailableMemory.limit(ofGroups: lines, under: folder.path(""))
    }

    @Test func theLeastLimitOfAGroupAndThoseAroundItCounts() throws {
        let folder = try groups([
            "memory.max": "max\n", "outer/memory.max": "3000\n", "outer/inner/memory.max": "5000\n",
            "other/memory.max": "10\n",
        ])
        #expect(limit("0::/outer/inner\n", folder) == 3000)
        #expect(limit("0::/other\n", folder) == 10)
        #expect(limit("0::/\n", folder) == nil)
    }

    @Test func theFirstVersionsGroupsCountToo() throws {
        let folder = try groups([
            "memory/memory.limit_in_bytes": "9223372036854771712\n",
            "memory/docker/a:b/memory.limit_in_bytes": "2048\n",
            "cpu/memory.limit_in_bytes": "1\n",
        ])
        #expect(limit("4:cpu:/\n3:hugetlb,memory:/docker/a:b\n0::/\n", folder) == 2048)
    }

    @Test func aGroupSeenFromWithinItsContainerIsTheRoot() throws {
        let folder = try groups(["memory/memory.limit_in_bytes": "4096\n"])
        #expect(limit("7:memory:/docker/unseen\n", folder) == 4096)
    }

    @Test func withoutGroupsThereIsNoLimit() throws {
        let folder = try groups(["memory.max": "many\n"])
        #expect(limit("", folder) == nil)
        #expect(limit("0::/\nnothing\n:\n", folder) == nil)
        #expect(AvailableMemory.bytes > 0)
    }
}
