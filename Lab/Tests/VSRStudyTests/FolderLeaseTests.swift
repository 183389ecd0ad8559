import Foundation
import Synchronization
import Testing
import VSRCore
import VSRTestSupport

@testable import VSRStudy

@Suite struct FolderLeaseTests {
    private func note(_ host: String, _ process: Int32) -> Data {
        Data("{\"host\":\"\(host)\",\"process\":\(process),\"isReleased\":false}".utf8)
    }

    @Test func onlyOneHoldsIt() throws {
        let folder = try TemporaryFolder()
        let first = try #require(try FolderLease.take(folder.path))
        #expect(try FolderLease.take(folder.path) == nil)
        #expect(FolderLease.isHeld(folder.path))
        first.giveBack()
        #expect(!FolderLease.isHeld(folder.path))
        let second = try #require(try FolderLease.take(folder.path))
        #expect(first.isLost && !second.isLost)
    }

    @Test func ofManyAtOnceOneGetsIt() throws {
        let folder = try TemporaryFolder()
        let leases = Mutex<[FolderLease]>([])
        let path = folder.path
        DispatchQueue.concurrentPerform(iterations: 16) { _ in
            if let lease = try? FolderLease.take(path) {
                leases.withLock { $0.append(lease) }
            }
        }
        #expect(leases.withLock(\.count) == 1)
    }

    /// A process of another machine cannot be asked: its silence counts.
    @Test func silenceOfAnotherMachineEndsIt() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("lease-3")
        try note("elsewhere", 1).write(to: URL(fileURLWithPath: path))
        #expect(try FolderLease.take(folder.path, lifetime: 60) == nil)
        try FileManager.default.setAttributes(
            [.modificationDate: Date().addingTimeInterval(-61)], ofItemAtPath: path)
        let lease = try #require(try FolderLease.take(folder.path, lifetime: 60))
        #expect(folder.contents.contains("lease-4"))
        lease.giveBack()
    }

    @Test func aProcessOfThisMachineThatIsGoneHoldsNothing() throws {
        let folder = try TemporaryFolder()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/true")
        try process.run()
        process.waitUntilExit()
        try note(ProcessInfo.processInfo.hostName, process.processIdentifier)
            .write(to: URL(fileURLWithPath: folder.path("lease-1")))
        #expect(try FolderLease.take(folder.path) != nil)
    }

    /// Beats keep it alive beyond its lifetime; a holder that was passed over learns of it.
    @Test func beatsKeepItAndLossIsTold() throws {
        let folder = try TemporaryFolder()
        let isTold = Mutex(false)
        let lease = try #require(
            try FolderLease.take(folder.path, lifetime: 0.6) { isTold.withLock { $0 = true } })
        Thread.sleep(forTimeInterval: 1.5)
        #expect(try FolderLease.take(folder.path, lifetime: 0.6) == nil)
        try note("elsewhere", 1).write(to: URL(fileURLWithPath: folder.path("lease-2")))
        for _ in 0..<100 where !isTold.withLock({ $0 }) { Thread.sleep(forTimeInterval: 0.05) }
        #expect(isTold.withLock { $0 } && lease.isLost)
        // It leaves the other's alone.
        lease.giveBack()
        #expect(FolderLease.isHeld(folder.path))
    }

    @Test func aFolderThatCannotBeIsNamed() {
        let error = #expect(throws: VSRError.self) { try FolderLease.take("/dev/null/x") }
        #expect(error?.code == .io && error?.message.contains("/dev/null/x") == true)
    }
}
