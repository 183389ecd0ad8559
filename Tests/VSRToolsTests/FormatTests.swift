import Foundation
import Testing
import VSRCore
import VSRTestSupport

/// Formats of all kinds, made and looked at by FFmpeg's own programs.
@Suite(.serialized, .enabled(if: ShellResult.finds("ffmpeg")), .timeLimit(.minutes(10)))
struct FormatTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func shell(_ script: String) throws -> String {
        let result = try ShellResult(script, in: folder.path)
        try #require(result.status == 0, "\(script): \(result.errors)")
        return result.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// - Parameter output: Options of the encoder and the file's name.
    private func make(_ picture: String, _ output: String) throws {
        _ = try shell("ffmpeg -v error -nostdin -y -f lavfi -i \"\(picture)\" \(output)")
    }

    private struct Run {
        var code: Int32
        /// Standard error without progress lines.
        var remarks: [String]
    }

    /// Upscales in a process of its own: x265 does not survive several bit depths in one.
    private func upscale(_ input: String, _ output: String, _ options: [String] = []) -> Run {
        let words = ["slimvsr", "upscale", input, output, "--model", "bicubic", "-y"]
        let script = (words + ["--preset", "ultrafast"] + options).joined(separator: " ")
        guard let result = try? ShellResult(script, in: folder.path) else {
            return Run(code: -1, remarks: ["bash does not run"])
        }
        let lines = result.errors.split(separator: "\n").map(String.init)
        return Run(code: result.status, remarks: lines.filter { !$0.hasPrefix("upscale ") })
    }

    private func probe(_ file: String, _ entries: String) throws -> String {
        try shell(
            "ffprobe -v error -select_streams v:0 -show_entries \(entries) -of csv=p=0 \(file)")
    }

    private static let clip = "testsrc2=s=32x24:r=10:d=0.2"

    @Test(arguments: [
        ("yuv420p", "yuv420p", "yuv420p", "yuv422p10le", "yuv420p"),
        ("yuv422p", "yuv422p", "yuv422p", "yuv422p10le", "yuv422p"),
        ("yuv444p", "yuv444p", "yuv444p", "yuv444p12le", "yuv444p"),
        ("yuv411p", "yuv422p", "yuv422p", "yuv422p10le", "yuv422p"),
        ("yuv420p10le", "yuv420p10le", "yuv420p10le", "yuv422p10le", "yuv420p10le"),
        ("yuv422p10le", "yuv422p10le", "yuv422p10le", "yuv422p10le", "yuv422p10le"),
        ("yuv444p12le", "yuv444p10le", "yuv444p12le", "yuv444p12le", "yuv444p12le"),
        ("yuv420p16le", "yuv420p10le", "yuv420p12le", "yuv422p10le", "yuv420p16le"),
        ("gray10le", "yuv420p10le", "yuv420p10le", "yuv422p10le", "yuv420p10le"),
        ("gbrp", "yuv444p", "yuv444p", "yuv444p12le", "yuv444p"),
        ("yuva420p", "yuv420p", "yuv420p", "yuva444p12le", "yuva420p"),
        ("yuva444p10le", "yuv444p10le", "yuv444p10le", "yuva444p12le", "yuva444p10le"),
    ])
    func colorSamplesBitsAndAlphaAreKept(
        format: String, h264: String, hevc: String, prores: String, ffv1: String
    ) throws {
        try make(Self.clip, "-c:v ffv1 -strict -2 -pix_fmt \(format) in.mkv")
        for (codec, name, expected) in [
            ("h264", "a.mp4", h264), ("hevc", "b.mp4", hevc), ("prores", "c.mov", prores),
            ("ffv1", "d.mkv", ffv1),
        ] {
            let result = upscale("in.mkv", name, ["--codec", codec])
            #expect(result.code == 0, "\(result.remarks)")
            #expect(try probe(name, "stream=width,pix_fmt") == "128,\(expected)")
            // What is lost is said: bits of 12 and 16, where the encoder takes 10 or 12.
            let bits = format.hasSuffix("16le") ? 16 : format.hasSuffix("12le") ? 12 : 8
            let most = ["h264": 10, "hevc": 12, "prores": 10, "ffv1": 16][codec] ?? 0
            let warnings = result.remarks.filter { $0.hasPrefix("warning: ") }
            #expect(warnings.count == (bits > most ? 1 : 0), "\(codec): \(result.remarks)")
        }
    }

    @Test func samplesCanBeChosen() throws {
        try make(Self.clip, "-c:v ffv1 -strict -2 -pix_fmt yuv444p10le in.mkv")
        let result = upscale("in.mkv", "a.mp4", ["--chroma", "yuv420", "--depth", "8"])
        #expect(result.code == 0 && result.remarks.isEmpty, "\(result.remarks)")
        #expect(try probe("a.mp4", "stream=pix_fmt") == "yuv420p")
        #expect(
            upscale("in.mkv", "b.mp4", ["--codec", "ffv1"]).remarks.first?.contains(".mkv") == true)
    }

    /// A ramp of 64 gray levels, 12 of 1023 apart, made four times as wide.
    @Test func tenBitsStayTenBits() throws {
        try make(
            "color=c=black:s=64x8:r=10:d=0.1,format=yuv420p10le,geq=lum='64+X*12':cb=512:cr=512",
            "-c:v ffv1 in.mkv")
        #expect(upscale("in.mkv", "a.mkv", ["--codec", "ffv1"]).code == 0)
        let levels = try shell(
            "ffmpeg -v error -i a.mkv -vf extractplanes=y -f rawvideo - | head -c 512 | od -An -v -tu2 -w2 "
                + "| sort -u | wc -l")
        // Bicubic interpolation of a ramp is a ramp but for the edges: 3 levels apart.
        #expect((Int(levels) ?? 0) > 240)
    }

    @Test func alphaIsEnlargedWhereItCanBeHeld() throws {
        // Opaque above, transparent below, in sixteenths between: the same at every column.
        try make(
            "testsrc2=s=32x24:r=10:d=0.2,format=yuva444p10le,"
                + "geq=lum='lum(X,Y)':cb='cb(X,Y)':cr='cr(X,Y)':a='if(lt(Y,8),1023,if(lt(Y,16),512,0))'",
            "-c:v ffv1 -strict -2 -pix_fmt yuva444p10le in.mkv")
        for (name, options, expected, tolerance) in [
            ("a.mkv", ["--codec", "ffv1"], [1023, 512, 0], 0),
            // Its 16 bits of alpha are decoded as 12.
            ("b.mov", ["--codec", "prores"], [4095, 2049, 0], 2),
            ("c", [], [65535, 32799, 0], 1),
        ] as [(String, [String], [Int], Int)] {
            let result = upscale("in.mkv", name, options)
            #expect(result.code == 0, "\(result.remarks)")
            #expect(!result.remarks.contains { $0.contains("transparent") })
            let file = name == "c" ? "c/00000000.png" : name
            let isBig = name == "c" ? " --endian=big" : ""
            // Rows 12, 48 and 84 are in the middle of the three stripes.
            let found = try [12, 48, 84].map { row in
                try shell(
                    "ffmpeg -v error -i \(file) -vf alphaextract -frames:v 1 -f rawvideo - | "
                        + "od -An -v -tu2\(isBig) -j \(row * 256) -N 2")
            }.compactMap { Int($0) }
            #expect(
                found.count == 3
                    && zip(found, expected).allSatisfy { abs($0 - $1) <= tolerance },
                "\(name) \(found)")
        }
        let warned = upscale("in.mkv", "d.mp4")
        #expect(warned.code == 0)
        #expect(warned.remarks.filter { $0.contains("transparent in places") }.count == 1)
        #expect(
            upscale("in.mkv", "e.jpg", ["--frames", "1"]).remarks.contains {
                $0.contains("transparent")
            })
    }

    @Test func alphaOfVP9IsSeen() throws {
        let result = try ShellResult(
            "ffmpeg -v error -nostdin -f lavfi -i '\(Self.clip),format=yuva420p,geq=lum=128:a=100' "
                + "-c:v libvpx-vp9 -pix_fmt yuva420p in.webm", in: folder.path)
        guard result.status == 0 else { return }
        #expect(upscale("in.webm", "a.mp4").remarks.contains { $0.contains("transparent") })
        #expect(upscale("in.webm", "a.mkv", ["--codec", "ffv1"]).code == 0)
        #expect(try probe("a.mkv", "stream=pix_fmt") == "yuva420p")
    }

    @Test(arguments: [("h264", "a.mp4"), ("h264", "a.mkv"), ("hevc", "b.mp4"), ("hevc", "b.mkv")])
    func hdrMetadataIsCarried(codec: String, name: String) throws {
        try make(
            Self.clip,
            "-c:v libx265 -pix_fmt yuv420p10le -x265-params 'log-level=error:colorprim=bt2020:"
                + "transfer=smpte2084:colormatrix=bt2020nc:hdr10=1:repeat-headers=1:master-display="
                + "G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1):"
                + "max-cll=1000,400' in.mkv")
        #expect(upscale("in.mkv", name, ["--codec", codec]).code == 0)
        let text = try shell(
            "ffprobe -v error -read_intervals %+#1 -show_streams -show_frames -show_entries "
                + "stream=color_transfer,color_primaries,pix_fmt:stream_side_data:frame=pts:"
                + "frame_side_data -of json \(name)")
        struct Probe: Decodable {
            struct Item: Decodable {
                var red_x, green_y, white_point_x, max_luminance, min_luminance: String?
                var max_content, max_average: Int?
            }
            struct Part: Decodable {
                var color_transfer, color_primaries, pix_fmt: String?
                var side_data_list: [Item]?
            }
            var streams, frames: [Part]
        }
        let probe = try JSONDecoder().decode(Probe.self, from: Data(text.utf8))
        #expect(probe.streams[0].color_transfer == "smpte2084")
        #expect(probe.streams[0].color_primaries == "bt2020")
        #expect(probe.streams[0].pix_fmt == "yuv420p10le")
        let items = (probe.streams + probe.frames).flatMap { $0.side_data_list ?? [] }
        func value(_ text: String?) -> Double? {
            let parts = (text ?? "").split(separator: "/").compactMap { Double($0) }
            return parts.count == 2 ? parts[0] / parts[1] : nil
        }
        let display = try #require(items.first { $0.red_x != nil })
        #expect(abs((value(display.red_x) ?? 0) - 0.68) < 1e-4)
        #expect(abs((value(display.green_y) ?? 0) - 0.69) < 1e-4)
        #expect(abs((value(display.white_point_x) ?? 0) - 0.3127) < 1e-4)
        #expect(value(display.max_luminance) == 1000)
        #expect(abs((value(display.min_luminance) ?? 0) - 0.0001) < 1e-6)
        #expect(items.contains { $0.max_content == 1000 && $0.max_average == 400 })
    }

    /// Fields of a moving picture, in either order: a deinterlaced picture is far nearer to the whole
    /// one of the first field's time than what weaves both, and as near as FFmpeg's yadif comes.
    @Test(arguments: ["tff", "bff"]) func interlacedVideosAreDeinterlaced(order: String) throws {
        let mode = order == "tff" ? "interleave_top" : "interleave_bottom"
        let source = "testsrc2=s=96x64:r=50:d=0.2,scroll=h=0.02,gblur=1.2"
        try make(
            "\(source),tinterlace=\(mode),setfield=\(order)",
            "-c:v libx264 -qp 0 -flags +ildct+ilme -top \(order == "tff" ? 1 : 0) -pix_fmt yuv420p "
                + "in.mkv")
        try make(
            "\(source),select='not(mod(n,2))',setpts=N/25/TB",
            "-r 25 -c:v ffv1 -pix_fmt yuv420p truth.mkv")
        _ = try shell(
            "ffmpeg -v error -nostdin -i in.mkv -vf yadif=mode=send_frame -c:v ffv1 yadif.mkv")
        // A picture made smaller again is the deinterlaced one, but for interpolation.
        func psnr(_ input: String, _ options: [String], notices: Int) throws -> Double {
            let result = upscale(input, "a.mkv", ["--codec", "ffv1"] + options)
            #expect(result.code == 0)
            #expect(
                result.remarks.filter { $0.contains("is interlaced") }.count == notices)
            return try likeness("a.mkv")
        }
        let woven = try psnr("in.mkv", ["--deinterlace", "off"], notices: 1)
        let whole = try psnr("in.mkv", [], notices: 1)
        let yadif = try psnr("yadif.mkv", [], notices: 0)
        #expect(whole > woven + 3, "\(woven), \(whole), \(yadif)")
        // They differ where the clip ends: the frame on the other side stands in here.
        #expect(whole > yadif - 0.5, "\(woven), \(whole), \(yadif)")
    }

    private func likeness(_ file: String) throws -> Double {
        let text = try ShellResult(
            "ffmpeg -nostdin -i \(file) -i truth.mkv -lavfi '[0]scale=iw/4:ih/4:flags=area,format=yuv420p[a];"
                + "[a][1]psnr' -f null - 2>&1 | grep -o 'PSNR y:[0-9.]*' | cut -d: -f2",
            in: folder.path)
        return Double(text.output.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0
    }

    @Test func stillInterlacedPicturesKeepEveryRow() throws {
        try make(
            "testsrc2=s=64x48:r=25:d=0.04,loop=4:1:0,format=yuv420p,setfield=tff",
            "-frames:v 4 -c:v libx264 -qp 0 -flags +ildct+ilme -x264opts tff=1 in.mkv")
        #expect(upscale("in.mkv", "a.mkv", ["--codec", "ffv1"]).code == 0)
        #expect(upscale("in.mkv", "b.mkv", ["--codec", "ffv1", "--deinterlace", "off"]).code == 0)
        let hashes = try ["a.mkv", "b.mkv"].map {
            try shell("ffmpeg -v error -i \($0) -map 0:v -f framemd5 - | grep -v '^#'")
        }
        #expect(hashes[0] == hashes[1] && !hashes[0].isEmpty)
    }

    @Test func soundEndsWithTheLastFrame() throws {
        _ = try shell(
            "ffmpeg -v error -nostdin -f lavfi -i testsrc2=s=32x24:r=10:d=5 -f lavfi -i sine=d=5 "
                + "-c:v libx264 -c:a aac in.mp4")
        #expect(upscale("in.mp4", "a.mp4", ["--frames", "3"]).code == 0)
        let times = try shell(
            "ffprobe -v error -select_streams a -show_entries packet=pts_time -of csv=p=0 a.mp4")
        let last = times.split(separator: "\n").compactMap { Double($0) }.max() ?? 0
        // A packet of 1024 samples at 44.1 kHz lasts 23 ms; one may begin as the last frame ends.
        #expect(last > 0.25 && last < 0.325, "\(last)")
        #expect(upscale("in.mp4", "b.mp4").code == 0)
        let all = try shell(
            "ffprobe -v error -select_streams a -show_entries stream=duration -of csv=p=0 b.mp4")
        #expect((Double(all) ?? 0) > 4.9)
    }

    @Test func sizesCanBeAskedFor() throws {
        try make(Self.clip, "-c:v ffv1 in.mkv")
        try folder.write(try SmallClips.model(), "m.safetensors")
        func run(_ options: [String]) -> ProgramResult {
            CommandLineHarness.run(
                [
                    "upscale", folder.path("in.mkv"), folder.path("a.mp4"), "-y", "--model",
                    folder.path("m.safetensors"),
                ] + options)
        }
        for (options, size) in [
            (["--scale", "2"], "64,48"), (["--height", "72"], "96,72"),
            (["--scale", "4"], "128,96"),
            (["--height", "96"], "128,96"), (["--height", "31"], "42,32"), ([], "128,96"),
        ] {
            let result = run(options)
            #expect(result.code == 0, "\(result.remarks)")
            #expect(try probe("a.mp4", "stream=width,height") == size, "\(options)")
        }
        for options in [
            ["--scale", "8"], ["--height", "97"], ["--scale", "0"], ["--scale", "nan"],
        ] {
            let result = run(options)
            #expect(result.code == 1 && result.errors.count == 1, "\(options)")
        }
        #expect(run(["--scale", "2", "--height", "50"]).code == 2)
    }

    @Test func gifsAreWritten() throws {
        try make("testsrc2=s=64x48:r=10:d=0.5", "-c:v ffv1 -pix_fmt yuv444p in.mkv")
        let result = upscale("in.mkv", "a.gif")
        #expect(result.code == 0, "\(result.remarks)")
        #expect(try probe("a.gif", "stream=codec_name,width,height") == "gif,256,192")
        let shown: String = try probe("a.gif", "packet=pts_time")
        let seconds: [Double] = shown.split(separator: "\n").compactMap { Double($0) }
        #expect(seconds == [0, 0.1, 0.2, 0.3, 0.4])
        #expect(upscale("in.mkv", "b.mkv", ["--codec", "ffv1"]).code == 0)
        let likeness = try shell(
            "ffmpeg -nostdin -i a.gif -i b.mkv -lavfi '[0]format=gbrp[a];[1]format=gbrp[b];"
                + "[a][b]psnr' -f null - 2>&1 | grep -o 'average:[0-9.]*' | cut -d: -f2")
        // 256 colors, dithered, of a picture of many.
        #expect((Double(likeness) ?? 0) > 25, "\(likeness)")
        // And in again, with holes.
        try make(
            "color=c=red:s=32x24:d=0.2:r=10,format=rgba,geq=r=255:g=0:b=0:a='if(lt(X,16),255,0)',"
                + "split[p][q];[p]palettegen=reserve_transparent=1[r];[q][r]paletteuse", "c.gif")
        #expect(upscale("c.gif", "d.gif").code == 0)
        let alpha = try shell(
            "ffmpeg -v error -i d.gif -vf format=rgba,alphaextract -frames:v 1 -f rawvideo - | "
                + "od -An -v -tu1 -j 128 -N 128 -w128")
        let levels = alpha.split(separator: " ").compactMap { Int($0) }
        #expect(levels == Array(repeating: 255, count: 64) + Array(repeating: 0, count: 64))
    }

    @Test func palettesWithTransparencyBecomeRGBA() throws {
        try make(
            "testsrc2=s=32x24:d=0.04,format=rgba,geq=r='r(X,Y)':g='g(X,Y)':b='b(X,Y)':a='if(lt(X,16),255,0)',"
                + "split[a][b];[a]palettegen=reserve_transparent=1[p];[b][p]paletteuse",
            "-frames:v 1 -pix_fmt pal8 in.png")
        #expect(try probe("in.png", "stream=pix_fmt") == "pal8")
        #expect(upscale("in.png", "a.png").code == 0)
        #expect(try probe("a.png", "stream=pix_fmt") == "rgba")
        let alpha = try shell(
            "ffmpeg -v error -i a.png -vf alphaextract -f rawvideo - | od -An -v -tu1 -j 128 -N 128 -w128"
        )
        let levels = alpha.split(separator: " ").compactMap { Int($0) }
        #expect(levels.prefix(56) == ArraySlice(repeating: 255, count: 56))
        #expect(levels.suffix(56) == ArraySlice(repeating: 0, count: 56))
    }

    @Test(arguments: ["rgb24", "rgb48be", "gray", "gray16be", "ya8", "ya16be", "rgba64be", "pal8"])
    func picturesKeepTheirDepth(format: String) throws {
        try make("testsrc2=s=32x24", "-frames:v 1 -pix_fmt \(format) in.png")
        #expect(upscale("in.png", "a.png").code == 0)
        let expected =
            [
                "gray16be": "rgb48be", "rgb48be": "rgb48be", "ya16be": "rgba64be",
                "rgba64be": "rgba64be", "ya8": "rgba",
            ][format] ?? "rgb24"
        #expect(try probe("a.png", "stream=pix_fmt") == expected)
        let jpeg = upscale("in.png", "a.jpg")
        #expect(jpeg.code == 0)
        #expect(
            jpeg.remarks.contains { $0.contains("8 bits") }
                == (format.contains("16") || format.contains("48") || format.contains("64")))
    }
}
