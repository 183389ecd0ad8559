import Foundation

/// Elapsed and processor time since it was made.
struct Stopwatch {
    private let start = ContinuousClock.now
    private let processorStart = processorMilliseconds()

    func timing(sharedBy frames: Int) -> Timing {
        Timing(
            elapsed: milliseconds(ContinuousClock.now - start) / Double(frames),
            processor: (processorMilliseconds() - processorStart) / Double(frames))
    }
}

/// Time that all threads of this process have spent on processors.
func processorMilliseconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) * 1e3 + Double(time.tv_nsec) * 1e-6
}

/// Resident memory of this process at its highest, in MB of 10⁶ bytes.
func peakResidentMegabytes() -> Double {
    let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    for line in text.split(separator: "\n") where line.hasPrefix("VmHWM:") {
        return (Double(line.split(separator: " ").dropFirst().first ?? "") ?? 0) * 1024 / 1e6
    }
    return 0
}

func milliseconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) * 1e3 + Double(duration.components.attoseconds) * 1e-15
}

/// Written at once, since the other side waits for it.
func answer(_ line: String) {
    FileHandle.standardOutput.write(Data("\(line)\n".utf8))
}
