import Foundation
import Testing
import VSRCore
import VSRTestSupport

/// The program in processes of its own: its streams, its signals, its exit codes.
@Suite(.timeLimit(.minutes(10))) struct ProcessTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try Y4M(size: FrameSize(width: 16, height: 12), levels: [40, 90, 200]).data
            .write(to: folder.url.appendingPathComponent("in.y4m"))
    }

    private func run(_ script: String) throws -> ShellResult {
        try ShellResult("\(Self.ready)\n\(script)", in: folder.path)
    }

    /// Waits until process $1 has opened the pipe: it takes signals from before that on.
    private static let ready =
        "ready() { until ls -l /proc/$1/fd 2>/dev/null | grep -q pipe.y4m; do sleep 0.05; done; }"

    @Test(arguments: [
        ">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-", "2>/dev/full", ">&- 2>/dev/full",
    ])
    func workIsDoneWhateverBecameOfItsStreams(streams: String) throws {
        let result = try run("slimvsr upscale in.y4m out.mkv --model bicubic \(streams)")
        #expect(result.status == 0)
        #expect(folder.contents == ["in.y4m", "out.mkv"])
        // No words got into the file, whose descriptor could have been that of a closed stream.
        let reread = try run("slimvsr upscale out.mkv again.y4m --model bicubic --scale 2")
        #expect(reread.status == 0, "\(reread.errors)")
    }

    @Test func resultsThatCannotBePrintedAreAFailure() throws {
        let result = try run("slimvsr models >/dev/full")
        #expect(result.status == 1)
        #expect(result.errors.contains("error: cannot write to standard output: No space left"))
    }

    @Test func aReaderThatHasGoneIsNoFailure() throws {
        let script = "for i in 1 2 3; do slimvsr models; done | head -n 1; echo ${PIPESTATUS[0]}"
        #expect(try run("set +o pipefail; \(script)").outputLines.last == "0")
        // Standard error into a pipe that nobody reads.
        let silent = try run(
            "slimvsr upscale in.y4m out.mkv --model bicubic 2> >(exec true); echo $?")
        #expect(silent.outputLines.last == "0")
    }

    @Test func wrongArgumentsAndFailuresHaveCodesOfTheirOwn() throws {
        for arguments in [
            "no-such-command", "upscale", "upscale a", "upscale a b --no-such",
            "upscale a b --frames x",
            "upscale a b --scale 2 --height 100", "upscale a b --window 0", "inspect",
        ] {
            #expect(try run("slimvsr \(arguments)").status == 2, "\(arguments)")
        }
        for arguments in ["upscale none.mp4 b.mp4", "inspect none", "upscale in.y4m b.wmv"] {
            #expect(try run("slimvsr \(arguments)").status == 1, "\(arguments)")
        }
        #expect(
            try run("slimvsr --help && slimvsr upscale --help && slimvsr --version").status == 0)
    }

    /// A pipe whose other end does nothing keeps the program waiting.
    @Test(arguments: [("INT", 130), ("TERM", 143), ("HUP", 129)])
    func aSignalEndsTheProgramAndLeavesNothing(name: String, status: Int32) throws {
        let result = try run(
            """
            mkfifo pipe.y4m
            for end in "" "head -c 200 in.y4m;"; do
                if [ "$end" ]; then (eval "$end" sleep 20) >pipe.y4m 2>/dev/null & feeder=$!; fi
                # A shell's background jobs ignore SIGINT; env gives it back.
                env --default-signal=INT slimvsr upscale pipe.y4m out.mkv --model bicubic &
                ready $!
                kill -\(name) $!
                wait $!
                echo $?
            done
            kill $feeder
            """)
        #expect(result.outputLines == ["\(status)", "\(status)"], "\(result.errors)")
        #expect(folder.contents == ["in.y4m", "pipe.y4m"])
    }

    /// Shells end their loop where a program was ended by SIGINT, and go on where it exits by itself.
    @Test func ctrlCEndsAShellsLoop() throws {
        let result = try run(
            """
            mkfifo pipe.y4m
            set -m
            bash -c 'for i in 1 2; do slimvsr upscale pipe.y4m out.mkv --model bicubic; echo next; done' &
            until child=$(cat /proc/$!/task/$!/children) && [ "$child" ]; do sleep 0.05; done
            ready $child
            kill -INT -- -$!
            wait $!
            echo $?
            """)
        #expect(result.outputLines == ["130"], "\(result.errors)")
    }

    @Test func hangupsThatAreIgnoredStayIgnored() throws {
        let result = try run(
            """
            mkfifo pipe.y4m
            nohup slimvsr upscale pipe.y4m out.mkv --model bicubic >nohup.log 2>&1 &
            ready $!
            kill -HUP $!
            sleep 0.2
            cat in.y4m >pipe.y4m
            wait $!
            echo $?
            """)
        #expect(result.outputLines == ["0"])
        #expect(folder.contents.contains("out.mkv"))
    }

    @Test func y4mGoesThroughPipes() throws {
        let size = FrameSize(width: 64, height: 48)
        for script in [
            "cat in.y4m | slimvsr upscale - - --model bicubic >out.y4m",
            "slimvsr upscale - out.y4m --model bicubic -y <in.y4m",
            "slimvsr upscale /dev/stdin out.y4m --model bicubic -y <in.y4m",
            "mkfifo a; cat in.y4m >a & slimvsr upscale a - --model bicubic | cat >out.y4m",
            "mkfifo b.y4m; cat b.y4m >out.y4m & slimvsr upscale in.y4m b.y4m --model bicubic; wait",
        ] {
            let result = try run(script)
            #expect(result.status == 0 && !result.errors.contains("error"), "\(script)")
            let written = try Y4M(Data(contentsOf: folder.url.appendingPathComponent("out.y4m")))
            // Pictures of one level stay at it.
            #expect(written == Y4M(size: size, levels: [40, 90, 200]), "\(script)")
        }
    }

    @Test func wordsGoToStandardErrorBesideAVideo() throws {
        let result = try run("slimvsr upscale in.y4m - --model bicubic | tail -c 1 | wc -c")
        #expect(result.errors.contains("3 frames 16x12 → 64x48"))
        let gone = try run("slimvsr upscale in.y4m - --model bicubic | head -c 5 >/dev/null")
        #expect(!gone.errors.contains("Fatal"))
    }

    @Test func streamsThatHoldNoVideoAreRefused() throws {
        #expect(
            try run("slimvsr upscale - out.mkv --model bicubic <&-").errors.contains("is closed"))
        #expect(
            try run("slimvsr upscale in.y4m - --model bicubic >&-").errors.contains("is closed"))
        let text = try run("echo hello | slimvsr upscale - out.mkv --model bicubic")
        #expect(text.status == 1 && text.errors.contains("cannot read standard input as a video"))
        #expect(try run("slimvsr upscale - out.mkv --model bicubic </dev/null").status == 1)
        #expect(folder.contents == ["in.y4m"])
    }
}
