"""Upscales real files of many kinds by the program and compares what comes out with what went in.

    scripts/check-video [--only TEXT] [--keep FOLDER] [--table docs/video.md]

Each case is made by ffmpeg, upscaled by bicubic interpolation (a network's frames would say no more of
a file), and looked at by ffprobe: exit code, frames and their times, size, samples, color tags, aspect,
turn; of each other stream the codec, language, title, dispositions and all packets or, where the
container demands another form, the decoded sound; chapters, attachments. Python's standard library,
ffmpeg and ffprobe are all it needs.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile

VIDEO = "-f lavfi -i testsrc2=s=64x48:r=10:d=1"
SOUND = "-f lavfi -i sine=f=440:r=48000:d=1"
X264 = "-c:v libx264 -preset ultrafast -crf 16 -pix_fmt yuv420p -threads 1"


def run(command, cwd, check=True, text=True):
    words = command.split() if isinstance(command, str) else command
    result = subprocess.run(
        words, cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, text=text, timeout=300)
    if check and result.returncode != 0:
        raise RuntimeError(f"{' '.join(words)}: {result.stderr}")
    return result


def ffmpeg(arguments, cwd):
    words = arguments.split() if isinstance(arguments, str) else arguments
    return run(["ffmpeg", "-v", "error", "-nostdin", "-y", *words], cwd)


class Case:
    """An input, the words of the program, and what is expected of the output."""

    def __init__(self, group, name, make, source, target, options="", code=0, **expected):
        self.group, self.name, self.make = group, name, make
        self.source, self.target, self.options, self.code = source, target, options, code
        self.expected = expected


def probe(path, cwd):
    words = ["ffprobe", "-v", "error", "-show_streams", "-show_chapters", "-show_format", "-of", "json"]
    return json.loads(run([*words, path], cwd).stdout)


def videos(found):
    return [s for s in found["streams"] if s["codec_type"] == "video"
            and not s["disposition"]["attached_pic"]]


def frame_times(path, cwd):
    """Seconds at which frames of the first video are shown."""
    words = ["ffprobe", "-v", "error", "-select_streams", "V:0", "-show_entries",
             "frame=best_effort_timestamp_time", "-of", "csv=p=0"]
    lines = run([*words, path], cwd).stdout.split()
    return [float(line.strip(",")) for line in lines if line.strip(",") not in ("", "N/A")]


def packets(path, index, cwd):
    """Hashes and sizes of a stream's packets, and when they are due."""
    words = ["ffmpeg", "-v", "error", "-nostdin", "-i", path, "-map", f"0:{index}", "-c", "copy",
             "-copyts", "-f", "framehash", "-hash", "md5", "-"]
    lines = [line.split(",") for line in run(words, cwd).stdout.splitlines() if line[:1] != "#"]
    # Without side data, which comes and goes with containers.
    return [line[5].strip() for line in lines]


def decoded(path, index, cwd):
    """A hash of the sound or of the pictures."""
    words = ["ffmpeg", "-v", "error", "-nostdin", "-i", path, "-map", f"0:{index}", "-f", "hash",
             "-hash", "md5", "-"]
    return run(words, cwd).stdout.strip()


def subtitle_lines(path, index, cwd):
    words = ["ffmpeg", "-v", "error", "-nostdin", "-i", path, "-map", f"0:{index}", "-c:s", "srt",
             "-f", "srt", "-"]
    return run(words, cwd).stdout


class Failure(Exception):
    pass


def expect(condition, text):
    if not condition:
        raise Failure(text)


class Check:
    """Compares one output with its input."""

    def __init__(self, case, program, folder):
        self.case, self.program, self.folder = case, program, folder
        self.seen = []

    def note(self, text):
        if text not in self.seen:
            self.seen.append(text)

    def go(self):
        case = self.case
        for command in case.make:
            if callable(command):
                command(self.folder)
            else:
                ffmpeg(command, self.folder)
        before = set(os.listdir(self.folder))
        words = [self.program, "upscale", case.source, case.target, "--model", "bicubic",
                 *case.options.split()]
        result = run(words, self.folder, check=False)
        self.output = result.stdout + result.stderr
        expect(result.returncode == case.code,
               f"exit code {result.returncode} instead of {case.code}: {result.stderr.strip()}")
        for text in case.expected.get("says", []):
            expect(text in self.output, f"does not say “{text}”: {self.output.strip()}")
        new = set(os.listdir(self.folder)) - before
        if case.code == 1:
            expect(not new, f"left {new}")
            expect(any(line.startswith("error: ") for line in result.stderr.splitlines()),
                   "no error line")
            self.note("one sentence, nothing left")
            return
        expect(new == {case.target.rstrip("/")}, f"made {new}")
        if case.code == 3:
            self.note("exit code 3")
        if "pictures" in case.expected:
            names = sorted(os.listdir(os.path.join(self.folder, case.target)))
            expect(len(names) == case.expected["pictures"], f"{len(names)} pictures")
            self.note(f"{len(names)} pictures")
            return
        self.compare_files()

    def compare_files(self):
        case = self.case
        if os.path.isdir(os.path.join(self.folder, case.source)):
            return self.compare_folder()
        self.source = probe(case.source, self.folder)
        self.target = probe(case.target, self.folder)
        self.compare_video()
        if case.expected.get("streams", True) is True:
            self.compare_streams()
        kept = case.expected.get("chapters")
        if kept is not None:
            found = [(c["tags"].get("title"), round(float(c["start_time"]), 2))
                     for c in self.target["chapters"]]
            expect(found == kept, f"chapters {found}")
            self.note(f"{len(found)} chapters")

    def compare_folder(self):
        target = videos(probe(self.case.target, self.folder))[0]
        expect((target["width"], target["height"]) == self.case.expected["size"], "size")
        self.compare_times()

    def compare_video(self):
        case, expected = self.case, self.case.expected
        source, target = videos(self.source)[0], videos(self.target)[0]
        turned = expected.get("turned", False)
        scale = expected.get("scale", 4)
        size = expected.get("size") or (source["width"] * scale, source["height"] * scale)
        size = tuple(reversed(size)) if turned else tuple(size)
        expect((target["width"], target["height"]) == size,
               f"size {target['width']}x{target['height']} instead of {size}")
        for key in ["codec_name", "pix_fmt", "field_order"]:
            if key in expected:
                expect(target.get(key) == expected[key],
                       f"{key} {target.get(key)} instead of {expected[key]}")
                self.note(expected[key])
        tags = ["color_space", "color_primaries", "color_transfer", "color_range"]
        if expected.get("colors", True):
            for key in tags:
                if source.get(key, "unknown") != "unknown" and "gbr" not in source.get(key, ""):
                    expect(target.get(key) == source[key],
                           f"{key} {target.get(key)} instead of {source[key]}")
                    self.note("color tags")
        aspect = source.get("sample_aspect_ratio", "1:1")
        if aspect not in ("1:1", "0:1"):
            if turned:
                aspect = ":".join(reversed(aspect.split(":")))
            expect(target.get("sample_aspect_ratio") == aspect,
                   f"aspect {target.get('sample_aspect_ratio')} instead of {aspect}")
            self.note("sample aspect")
        if "rotation" in expected:
            turns = [[int(d["rotation"]) for d in s.get("side_data_list", []) if "rotation" in d]
                     for s in (source, target)]
            found = turns[1]
            expect(turns[0] and found == (turns[0] if expected["rotation"] else []),
                   f"rotation {found} instead of {turns[0]}")
            self.note("turn" if found else "pixels turned")
        for key in expected.get("side_data", []):
            found = [d["side_data_type"] for d in
                     self.frame_side_data() + target.get("side_data_list", [])]
            expect(key in found, f"no {key} in {found}")
            self.note(key)
        if "frames" in expected or expected.get("times", True):
            self.compare_times()

    def frame_side_data(self):
        words = ["ffprobe", "-v", "error", "-select_streams", "V:0", "-read_intervals", "%+#1",
                 "-show_frames", "-of", "json", self.case.target]
        frames = json.loads(run(words, self.folder).stdout)["frames"]
        return frames[0].get("side_data_list", [])

    def compare_times(self):
        case, expected = self.case, self.case.expected
        target = frame_times(case.target, self.folder)
        if "frames" in expected:
            low, high = expected["frames"] if isinstance(expected["frames"], tuple) else \
                (expected["frames"], expected["frames"])
            expect(low <= len(target) <= high, f"{len(target)} frames instead of {low} to {high}")
            self.note(f"{len(target)} frames")
        if not expected.get("times", True):
            return
        source = frame_times(case.source, self.folder)[:len(target)]
        expect("frames" in expected or len(source) == len(target),
               f"{len(target)} frames of {len(source)}")
        # A millisecond where the container counts in them, a tick of 90 kHz in transport streams.
        within = expected.get("within", 0.0011)
        shift = target[0] - source[0] if expected.get("shifted", False) else 0
        for a, b in zip(source, target):
            expect(abs(b - a - shift) <= within, f"a frame at {b} instead of {a + shift}")
        self.note(f"{len(target)} frames at their times")

    def compare_streams(self):
        """All streams but the upscaled one, in their order."""
        case = self.case
        first = videos(self.source)[0]["index"]
        others = [s for s in self.source["streams"] if s["index"] != first]
        upscaled = videos(self.target)[0]["index"]
        # Titles of chapters are a stream in MP4.
        found = [s for s in self.target["streams"] if s["index"] != upscaled
                 and s.get("codec_name") != "bin_data"]
        kept = [s for s in others if s["index"] not in case.expected.get("omitted", [])]
        expect(len(found) == len(kept), f"{len(found)} other streams of {len(others)}"
               f" ({[s.get('codec_name') for s in found]})")
        for a, b in zip(kept, found):
            self.compare_stream(a, b)

    def delay(self, path, sound, video):
        """Seconds from the first picture to the first sound."""
        words = ["ffprobe", "-v", "error", "-select_streams", str(sound["index"]), "-show_entries",
                 "packet=pts_time", "-of", "csv=p=0", path]
        times = [float(line.strip(",")) for line in run(words, self.folder).stdout.split()
                 if line.strip(",") != "N/A"]
        return min(times) - min(frame_times(path, self.folder))

    def compare_stream(self, a, b):
        case = self.case
        kind = a["codec_type"]
        expect(kind == b["codec_type"] or "attached_pic" in str(a["disposition"]),
               f"{kind} became {b['codec_type']}")
        for key in ["language", "title", "filename", "mimetype"]:
            if key in case.expected.get("untold", []):
                continue
            said, now = a.get("tags", {}).get(key), b.get("tags", {}).get(key)
            if key == "title" and case.target.endswith((".mp4", ".mov")):
                # Where players and libav read it.
                now = b.get("tags", {}).get("handler_name")
            expect(said in (now, "und", None),
                   f"{key} of stream {a['index']}: {now} instead of {said}")
        if "dispositions" not in case.expected.get("untold", []):
            # MP4 and MOV turn on the first stream of a kind, which is how they say default.
            untold = {"default"} if case.target.endswith((".mp4", ".mov")) else set()
            said = [{k for k, v in s["disposition"].items() if v and k not in untold} for s in (a, b)]
            expect(said[0] == said[1], f"dispositions of stream {a['index']}: {said[1]} instead of "
                   f"{said[0]}")
        if kind == "audio":
            if a["codec_name"] == b["codec_name"] and case.expected.get("packets", True):
                expect(packets(case.source, a["index"], self.folder)
                       == packets(case.target, b["index"], self.folder),
                       f"packets of stream {a['index']} differ")
                self.note(f"{a['codec_name']}: packets equal")
            else:
                expect(decoded(case.source, a["index"], self.folder)
                       == decoded(case.target, b["index"], self.folder),
                       f"sound of stream {a['index']} differs")
                self.note(f"{a['codec_name']}: sound equal")
            start = self.delay(case.source, a, videos(self.source)[0])
            now = self.delay(case.target, b, videos(self.target)[0])
            # FFmpeg's Matroska muxer moves Opus by its own delay of 6.5 ms.
            within = 0.0075 if b["codec_name"] == "opus" else 0.0025
            expect(abs(start - now) <= within, f"sound starts {now:.4f} s after the picture "
                   f"instead of {start:.4f}")
            self.note("sync to 7 ms" if within > 0.005 else "sync")
        elif kind == "subtitle":
            if a["codec_name"] in ("subrip", "ass", "mov_text", "webvtt"):
                expect(subtitle_lines(case.source, a["index"], self.folder).split()
                       == subtitle_lines(case.target, b["index"], self.folder).split(),
                       f"lines of stream {a['index']} differ")
                self.note(f"{a['codec_name']} → {b['codec_name']}"
                          if a["codec_name"] != b["codec_name"] else f"{a['codec_name']}: lines equal")
            else:
                expect(packets(case.source, a["index"], self.folder)
                       == packets(case.target, b["index"], self.folder), "subtitles differ")
                self.note(f"{a['codec_name']}: packets equal")
        elif a["disposition"]["attached_pic"]:
            expect(decoded(case.source, a["index"], self.folder)
                   == decoded(case.target, b["index"], self.folder), "the cover differs")
            self.note("cover")
        elif kind == "attachment":
            self.note("font")


def write(name, text):
    def make(folder):
        with open(os.path.join(folder, name), "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())
    return make


def change(name, body, target=None):
    """Rewrites a file's bytes."""
    def make(folder):
        with open(os.path.join(folder, name), "rb") as file:
            data = file.read()
        with open(os.path.join(folder, target or name), "wb") as file:
            file.write(body(data))
    return make


def remove(name):
    return lambda folder: os.remove(os.path.join(folder, name))


SRT = write("s.srt", "1\n00:00:00,100 --> 00:00:00,500\nhello\n\n2\n00:00:00,500 --> 00:00:00,900\n"
            "<i>world</i>\n")
CHAPTERS = write("c.txt", ";FFMETADATA1\ntitle=T\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=400\n"
                 "title=One\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=400\nEND=1000\ntitle=Two\n")
BOTH = [("One", 0.0), ("Two", 0.4)]


def with_sound(codec, name, more=""):
    return f"{VIDEO} {SOUND} -map 0:v -map 1:a {X264} -c:a {codec} {more} {name}"


def cases():
    yield from containers()
    yield from sounds()
    yield from subtitles()
    yield from codecs()
    yield from colors()
    yield from geometry()
    yield from timing()
    yield from damage()
    yield from pictures()


def containers():
    make = [SRT, CHAPTERS, write("f.ttf", "no real font"),
            f"{VIDEO} {SOUND} -f lavfi -i sine=f=880:r=44100:d=1 -i s.srt -i s.srt -i c.txt "
            f"-map 0:v -map 1:a -map 2:a -map 3 -map 4 -map_metadata 5 -map_chapters 5 {X264} "
            "-c:a:0 aac -c:a:1 flac -c:s:0 srt -c:s:1 ass -metadata:s:a:0 language=eng "
            "-metadata:s:a:1 language=deu -metadata:s:a:1 title=Zwei "
            "-disposition:a:1 default+hearing_impaired -disposition:a:0 0 -attach f.ttf "
            "-metadata:s:t:0 mimetype=application/x-truetype-font -metadata:s:t:0 filename=f.ttf in.mkv"]
    yield Case("container", "MKV with two sounds, two subtitles, chapters, a font", make, "in.mkv",
               "out.mkv", chapters=BOTH)
    yield Case("container", "the same into MP4", make, "in.mkv", "out.mp4", chapters=BOTH, omitted=[5],
               untold=["dispositions"], says=["attachment", "is left out", ".mkv does"])
    yield Case("container", "the same into MP4, strict", make, "in.mkv", "out.mp4",
               "--streams strict", code=1, says=["is left out"])
    yield Case("container", "the same without sound", make, "in.mkv", "out.mkv", "--no-audio",
               streams=False, chapters=BOTH)
    for suffix in ["mp4", "mov", "mkv", "avi", "ts", "m2ts"]:
        codec = {"avi": "libmp3lame", "ts": "mp2", "m2ts": "ac3"}.get(suffix, "aac")
        yield Case("container", f".{suffix} → .{suffix}", [with_sound(codec, f"in.{suffix}")],
                   f"in.{suffix}", f"out.{suffix}", codec_name="h264",
                   untold=["dispositions"] if suffix == "avi" else [],
                   within=0.0011, shifted=suffix in ("ts", "m2ts"))
    yield Case("container", ".webm → .webm",
               [f"{VIDEO} {SOUND} -c:v libvpx-vp9 -cpu-used 8 -b:v 1M -c:a libopus in.webm"], "in.webm",
               "out.webm", "--preset ultrafast", codec_name="vp9", shifted=True)
    yield Case("container", ".flv → .mkv", [with_sound("aac", "in.flv")], "in.flv", "out.mkv",
               untold=["dispositions"])
    yield Case("container", ".3gp → .mp4",
               [f"{VIDEO.replace('64x48', '176x144')} -c:v mpeg4 in.3gp"], "in.3gp", "out.mp4")
    yield Case("container", "DVD program stream → .mkv",
               [f"{VIDEO.replace('r=10', 'r=25')} {SOUND} -c:v mpeg2video -c:a mp2 in.mpg"], "in.mpg",
               "out.mkv", times=False, frames=25, untold=["dispositions"])
    yield Case("container", "Ogg Theora → .mkv",
               [f"{VIDEO} {SOUND} -c:v libtheora -c:a libvorbis in.ogv"], "in.ogv", "out.mkv",
               untold=["dispositions"])
    yield Case("container", "transport stream that starts at 3,601 s → .mp4",
               [with_sound("aac", "in.ts", "-output_ts_offset 3600 -muxdelay 0.5")], "in.ts",
               "out.mp4", shifted=True, packets=False, says=["times are counted from there"],
               untold=["dispositions"])
    yield Case("container", "raw H.264 → .mp4", [f"{VIDEO} {X264} -f h264 in.h264"], "in.h264",
               "out.mp4", times=False, frames=10)
    yield Case("container", "raw HEVC → .mkv",
               [f"{VIDEO} -c:v libx265 -x265-params log-level=error:pools=1 -f hevc in.hevc"],
               "in.hevc", "out.mkv", times=False, frames=10)
    yield Case("container", "Y4M → Y4M", [f"{VIDEO} in.y4m"], "in.y4m", "out.y4m", streams=False)
    yield Case("container", "GIF → GIF", [f"{VIDEO} in.gif"], "in.gif", "out.gif", colors=False,
               within=0.011)
    yield Case("container", "a cover in MP4",
               [f"{VIDEO} -f lavfi -i testsrc=s=32x32:r=1:d=1 -map 0:v -map 1:v -frames:v:1 1 "
                "-c:v:0 libx264 -pix_fmt:v:0 yuv420p -c:v:1 mjpeg -pix_fmt:v:1 yuvj420p "
                "-disposition:v:1 attached_pic in.mp4"], "in.mp4", "out.mp4")
    yield Case("container", "two videos", [
        f"{VIDEO} -f lavfi -i testsrc=s=32x32:r=10:d=1 -map 0:v -map 1:v {X264} "
        "-metadata:s:v:1 language=fra in.mkv"], "in.mkv", "out.mkv")
    yield Case("container", "a timecode in MOV", [f"{VIDEO} {X264} -timecode 01:02:03:04 in.mov"],
               "in.mov", "out.mov")


def sounds():
    for codec, name, suffix in [
        ("flac", "FLAC", "mkv"), ("libopus", "Opus", "mkv"), ("libvorbis", "Vorbis", "mkv"),
        ("pcm_s24le", "24-bit PCM", "mkv"), ("ac3", "AC-3", "mkv"), ("eac3", "E-AC-3", "mkv"),
        ("truehd -strict -2", "TrueHD", "mkv"), ("alac", "ALAC", "mov"),
        ("dca -strict -2", "DTS", "mkv"), ("libmp3lame", "MP3", "mkv"),
    ]:
        target = "mov" if suffix == "mov" else "mkv"
        yield Case("sound", f"{name} → .{target}", [with_sound(codec, f"in.{suffix}")],
                   f"in.{suffix}", f"out.{target}", shifted=name == "Opus")
    for codec, name in [("flac", "FLAC"), ("libopus", "Opus"), ("ac3", "AC-3"),
                        ("libmp3lame", "MP3")]:
        yield Case("sound", f"{name} in MKV → .mp4", [with_sound(codec, "in.mkv")], "in.mkv", "out.mp4",
                   shifted=name == "Opus")
    yield Case("sound", "PCM in MKV → .mp4: left out, said before", [with_sound("pcm_s16le", "in.mkv")],
               "in.mkv", "out.mp4", omitted=[1], says=["is left out", ".mkv"])
    yield Case("sound", "AAC in transport stream → .mp4", [with_sound("aac", "in.ts")], "in.ts",
               "out.mp4", packets=False, shifted=True, untold=["dispositions"])
    yield Case("sound", "5.1 channels", [
        f"{VIDEO} -f lavfi -i anoisesrc=d=1:seed=1,aformat=channel_layouts=5.1 -c:a ac3 {X264} in.mkv"],
        "in.mkv", "out.mkv")


def subtitles():
    for codec, source, target in [
        ("srt", "mkv", "mkv"), ("ass", "mkv", "mkv"), ("srt", "mkv", "mp4"), ("mov_text", "mp4", "mkv"),
        ("mov_text", "mp4", "mp4"), ("webvtt", "mkv", "mkv"),
    ]:
        yield Case("subtitles", f"{codec} in .{source} → .{target}",
                   [SRT, f"{VIDEO} -i s.srt -map 0:v -map 1 {X264} -c:s {codec} "
                    f"-metadata:s:s:0 language=eng in.{source}"],
                   f"in.{source}", f"out.{target}", untold=["dispositions"])


def codecs():
    for codec, options, name in [
        ("mpeg2video", "-b:v 2M -bf 2", "MPEG-2"), ("mpeg4", "-bf 2", "MPEG-4 ASP"),
        ("libx265", "-x265-params log-level=error:pools=1", "HEVC"), ("libvpx-vp9", "-cpu-used 8", "VP9"),
        ("libaom-av1", "-cpu-used 8 -b:v 500k", "AV1"), ("mjpeg", "-pix_fmt yuvj422p", "MJPEG"),
        ("prores_ks", "", "ProRes"), ("dnxhd -profile:v dnxhr_lb -s 256x144", "-pix_fmt yuv422p", "DNxHR"),
        ("ffv1", "", "FFV1"), ("huffyuv", "-pix_fmt yuv422p", "HuffYUV"), ("libx264", "-bf 3 -g 5", "H.264 with B-frames"),
        ("wmv2", "", "WMV"), ("libxvid", "", "Xvid"), ("rawvideo", "-pix_fmt yuv420p", "raw video"),
    ]:
        source = "mov" if codec.startswith(("prores", "dnxhd")) else "mkv"
        yield Case("codec", f"{name} in", [f"{VIDEO} -c:v {codec} {options} in.{source}"],
                   f"in.{source}", "out.mkv")
    for codec, suffix, fmt in [
        ("hevc", "mp4", "yuv420p"), ("vp9", "webm", "yuv420p"), ("av1", "mkv", "yuv420p"),
        ("av1", "mp4", "yuv420p"), ("prores", "mov", "yuv422p10le"), ("ffv1", "mkv", "yuv420p"),
    ]:
        yield Case("codec", f"{codec} out, .{suffix}", [f"{VIDEO} {X264} in.mp4"], "in.mp4",
                   f"out.{suffix}", f"--codec {codec} --preset ultrafast", codec_name=codec,
                   pix_fmt=fmt)


def colors():
    for fmt, codec in [
        ("yuv422p", "h264"), ("yuv444p", "h264"), ("yuv420p10le", "h264"), ("yuv422p10le", "h264"),
        ("yuv444p12le", "hevc"), ("yuv420p12le", "hevc"), ("yuv444p16le", "ffv1"),
    ]:
        yield Case("color", f"{fmt} stays by {codec}", [f"{VIDEO} -c:v ffv1 -pix_fmt {fmt} in.mkv"],
                   "in.mkv", "out.mkv", f"--codec {codec} --preset ultrafast", pix_fmt=fmt,
                   codec_name=codec)
    yield Case("color", "12 bits by H.264: 10, said before",
               [f"{VIDEO} -c:v ffv1 -pix_fmt yuv420p12le in.mkv"], "in.mkv", "out.mkv",
               pix_fmt="yuv420p10le", says=["12-bit samples are written with 10 bits"])
    for matrix in ["smpte170m", "bt709", "bt2020nc"]:
        primaries = "bt2020" if matrix == "bt2020nc" else matrix
        transfer = "bt2020-10" if matrix == "bt2020nc" else matrix
        for color_range in ["tv", "pc"]:
            yield Case("color", f"{matrix}, {color_range} range",
                       [f"{VIDEO} {X264} -colorspace {matrix} -color_primaries {primaries} "
                        f"-color_trc {transfer} -color_range {color_range} in.mp4"],
                       "in.mp4", "out.mp4")
    hdr = ("-c:v libx265 -pix_fmt yuv420p10le -x265-params log-level=error:pools=1:colorprim=bt2020:"
           "transfer=smpte2084:colormatrix=bt2020nc:hdr10=1:repeat-headers=1:master-display="
           "G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1):max-cll=1000,400")
    for codec in ["hevc", "h264"]:
        yield Case("color", f"HDR10 by {codec}", [f"{VIDEO} {hdr} in.mkv"], "in.mkv", "out.mkv",
                   f"--codec {codec} --preset ultrafast", pix_fmt="yuv420p10le",
                   side_data=["Mastering display metadata", "Content light level metadata"])
    yield Case("color", "HLG", [
        f"{VIDEO} -c:v libx265 -pix_fmt yuv420p10le -x265-params log-level=error:pools=1 "
        "-colorspace bt2020nc -color_primaries bt2020 -color_trc arib-std-b67 in.mp4"],
        "in.mp4", "out.mp4", "--codec hevc --preset ultrafast", pix_fmt="yuv420p10le")
    alpha = ("-f lavfi -i testsrc2=s=64x48:r=10:d=0.5,format=yuva444p10le,geq=lum='lum(X,Y)':"
             "cb='cb(X,Y)':cr='cr(X,Y)':a='X*16' -c:v prores_ks -profile:v 4444 -pix_fmt yuva444p10le in.mov")
    yield Case("color", "alpha of ProRes 4444 by ProRes", [alpha], "in.mov", "out.mov", "--codec prores",
               pix_fmt="yuva444p12le")
    yield Case("color", "alpha of ProRes 4444 by FFV1", [alpha], "in.mov", "out.mkv", "--codec ffv1",
               pix_fmt="yuva444p16le", times=False)
    yield Case("color", "alpha into H.264: left out, said", [alpha], "in.mov", "out.mp4",
               says=["is transparent in places", "left out"], times=False, colors=False)
    yield Case("color", "gray", [f"{VIDEO} -c:v ffv1 -pix_fmt gray in.mkv"], "in.mkv", "out.mkv",
               pix_fmt="yuvj420p", colors=False)
    yield Case("color", "RGB", [f"{VIDEO} -c:v ffv1 -pix_fmt gbrp in.mkv"], "in.mkv", "out.mkv",
               pix_fmt="yuv444p", colors=False)


def geometry():
    yield Case("geometry", "sample aspect 32:27", [f"{VIDEO} -vf setsar=32/27 {X264} in.mp4"], "in.mp4",
               "out.mp4")
    turn = [f"{VIDEO} {X264} t.mp4", "-i t.mp4 -c copy -metadata:s:v:0 rotate=90 in.mp4", remove("t.mp4")]
    yield Case("geometry", "a phone's turn by 90° in MP4", turn, "in.mp4", "out.mp4", rotation=True)
    yield Case("geometry", "the same → .mkv", turn, "in.mp4", "out.mkv", rotation=False, turned=True)
    for size in ["1x1", "7x5", "65x34", "256x2"]:
        width, height = map(int, size.split("x"))
        yield Case("geometry", f"frames of {size}", [
            f"-f lavfi -i testsrc2=s=256x120:r=10:d=0.3 -vf scale={width}:{height}:flags=area,setsar=1 "
            "-c:v ffv1 -pix_fmt yuv444p in.mkv"], "in.mkv", "out.mkv")
    yield Case("geometry", "--height 100", [f"{VIDEO} {X264} in.mp4"], "in.mp4", "out.mp4",
               "--height 100", size=(134, 100))
    yield Case("geometry", "--scale 2", [f"{VIDEO} {X264} in.mp4"], "in.mp4", "out.mp4", "--scale 2",
               scale=2)
    yield Case("geometry", "--height beyond the network", [f"{VIDEO} {X264} in.mp4"], "in.mp4",
               "out.mp4", "--height 1000", code=1, says=["is beyond what the network makes"])
    yield Case("geometry", "interlaced, marked so", [
        "-f lavfi -i testsrc2=s=64x48:r=50:d=1 -vf tinterlace=4,setfield=tff -c:v libx264 "
        "-flags +ildct+ilme -x264opts tff=1 -threads 1 -pix_fmt yuv420p in.mkv"], "in.mkv", "out.mkv",
        says=["is interlaced"], field_order="progressive")
    yield Case("geometry", "another size in mid-stream", [
        f"-f lavfi -i testsrc2=s=64x48:r=10:d=0.5 {X264} -f mpegts a.ts",
        f"-f lavfi -i testsrc2=s=96x64:r=10:d=0.5 {X264} -f mpegts b.ts",
        lambda folder: run(["sh", "-c", "cat a.ts b.ts > in.ts; rm a.ts b.ts"], folder)],
        "in.ts", "out.mkv", times=False, streams=False, frames=10, size=(256, 192),
        says=["frames are 96x64 and scaled to 64x48"])


def timing():
    vfr = (f"{VIDEO} {SOUND} -map 0:v -map 1:a -vf select='lt(n,7)',settb=1/1000,"
           "setpts='if(lt(N,3),N*100,700+(N-3)*33.334)' -vsync vfr -enc_time_base 1/1000 "
           f"{X264} -c:a aac in.mkv")
    for target in ["mkv", "mp4", "mov", "ts"]:
        yield Case("timing", f"variable rate → .{target}", [vfr], "in.mkv", f"out.{target}",
                   packets=target != "ts", untold=["dispositions"] if target == "ts" else [],
                   shifted=target == "ts")
    yield Case("timing", "variable rate → .avi: on a grid, said before", [vfr], "in.mkv", "out.avi",
               times=False, frames=7, says=[".avi holds constant rates only"], streams=False)
    yield Case("timing", "120000/1001 frames per second",
               [f"-f lavfi -i testsrc2=s=32x32:r=120000/1001:d=0.5 {X264} in.mp4"], "in.mp4", "out.mp4",
               within=0.00002)
    yield Case("timing", "every third frame of 30 per second missing",
               [f"-f lavfi -i testsrc2=s=64x48:r=30:d=2 -vf select='mod(n,3)',settb=1/30 -vsync vfr "
                f"{X264} in.mp4"], "in.mp4", "out.mp4", within=0.00002)
    yield Case("timing", "sound 0.3 s late",
               [f"{VIDEO} -itsoffset 0.3 {SOUND} -map 0:v -map 1:a {X264} -c:a aac in.mkv"], "in.mkv",
               "out.mkv")
    yield Case("timing", "edit list and B-frames",
               [f"{VIDEO} {SOUND} -map 0:v -map 1:a -c:v libx264 -bf 2 -threads 1 -c:a aac in.mp4"],
               "in.mp4", "out.mp4", within=0.00002)
    for count in [1, 2, 3, 7, 25]:
        yield Case("timing", f"{count} frame{'s' if count > 1 else ''}",
                   [f"-f lavfi -i testsrc2=s=64x48:r=10 -frames:v {count} {X264} in.mp4"], "in.mp4",
                   "out.mp4", frames=count)
    yield Case("timing", "--frames 3 of 10, with sound", [with_sound("aac", "in.mp4")], "in.mp4",
               "out.mp4", "--frames 3", frames=3, streams=False)
    yield Case("timing", "in parts of 4 frames", [f"{VIDEO} {SOUND} -map 0:v -map 1:a -c:v libx264 -bf 2 "
               "-c:a aac in.mp4"], "in.mp4", "out.mp4", "--part 4", within=0.00002)


def damage():
    good = f"-f lavfi -i testsrc2=s=320x180:r=10:d=2 {X264} -g 10 in.mkv"
    cut = [good, change("in.mkv", lambda b: b[:len(b) * 6 // 10])]
    garbage = [good, change("in.mkv", lambda b: b[:len(b) // 2] + bytes(range(256)) * 2
                            + b[len(b) // 2 + 512:])]
    both = {"times": False, "streams": False}
    yield Case("damage", "MKV cut off", cut, "in.mkv", "out.mkv", code=3, frames=(5, 19),
               says=["cut off"], **both)
    yield Case("damage", "MKV cut off, --damage refuse", cut, "in.mkv", "out.mkv", "--damage refuse",
               code=1)
    yield Case("damage", "garbage in the middle", garbage, "in.mkv", "out.mkv", code=3, frames=(10, 20),
               **both)
    yield Case("damage", "garbage in the middle, --damage stop", garbage, "in.mkv", "out.mkv",
               "--damage stop", code=3, frames=(5, 19), **both)
    yield Case("damage", "a transport packet missing", [
        f"-f lavfi -i testsrc2=s=320x180:r=10:d=2 {X264} in.ts",
        change("in.ts", lambda b: b[:188 * (len(b) // 376)] + b[188 * (len(b) // 376 + 1):])],
        "in.ts", "out.mkv", code=3, frames=(15, 20), **both)
    yield Case("damage", "MP4 without its index", [
        f"{VIDEO} {X264} in.mp4", change("in.mp4", lambda b: b[:b.rindex(b"moov") - 4])],
        "in.mp4", "out.mp4", code=1, says=["cut off or damaged before its index"])
    yield Case("damage", "an empty file", [write("in.mp4", b"")], "in.mp4", "out.mp4", code=1)
    yield Case("damage", "text named .mp4", [write("in.mp4", "no video\n" * 100)], "in.mp4", "out.mp4",
               code=1)
    yield Case("damage", "sound only", [f"{SOUND} -c:a aac in.m4a"], "in.m4a", "out.mp4", code=1)
    yield Case("damage", "a recording that begins between key frames", [
        f"-f lavfi -i testsrc2=s=320x180:r=10:d=2 {X264} -g 10 -f mpegts t.ts",
        change("t.ts", lambda b: b[188 * (len(b) // 188 // 3):], "in.ts"), remove("t.ts")],
        "in.ts", "out.mkv", frames=(5, 19), says=["first whole one"], **both)


def pictures():
    for fmt, name in [("rgb24", "8-bit RGB"), ("rgb48be", "16-bit RGB"), ("gray", "gray"),
                      ("rgba", "with alpha"), ("pal8", "a palette")]:
        kept = {"rgb48be": "rgb48be", "rgba": "rgba"}.get(fmt)
        yield Case("picture", f"PNG, {name}",
                   [f"-f lavfi -i testsrc2=s=32x24 -frames:v 1 -pix_fmt {fmt} in.png"], "in.png",
                   "out.png", times=False, colors=False, **({"pix_fmt": kept} if kept else {}))
    yield Case("picture", "JPEG → PNG", [f"-f lavfi -i testsrc2=s=32x24 -frames:v 1 in.jpg"], "in.jpg",
               "out.png", times=False, colors=False)
    numbered = [lambda folder: os.mkdir(os.path.join(folder, "in")),
                "-f lavfi -i testsrc2=s=32x24:r=10 -frames:v 12 in/f%d.png"]
    yield Case("picture", "a folder of 12, numbers without zeros", numbered, "in", "out", pictures=12)
    yield Case("picture", "a folder with a gap", [*numbered, remove("in/f7.png")], "in", "out",
               pictures=11, says=["1 picture missing between f6.png and f8.png"])
    yield Case("picture", "a folder → .mp4", numbered, "in", "out.mp4", "--frames 3", code=0, frames=3,
               times=False, streams=False, size=(128, 96))
    yield Case("picture", "several frames into one picture", [f"{VIDEO} {X264} in.mp4"], "in.mp4",
               "out.png", code=1, says=["--frames 1"])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--only", default="")
    parser.add_argument("--keep")
    parser.add_argument("--table")
    arguments = parser.parse_args()
    program = os.path.abspath(arguments.program)
    failed, rows = [], []
    for number, case in enumerate(cases(), 1):
        label = f"{case.group}: {case.name}"
        if arguments.only not in label:
            continue
        folder = tempfile.mkdtemp(prefix="check-video-")
        check = Check(case, program, folder)
        try:
            check.go()
            print(f"ok      {label}: {', '.join(check.seen)}", flush=True)
        except (Failure, RuntimeError, subprocess.TimeoutExpired, KeyError, IndexError) as error:
            failed.append(label)
            print(f"FAILED  {label}: {type(error).__name__}: {error}", flush=True)
            if arguments.keep:
                shutil.copytree(folder, os.path.join(arguments.keep, str(number)), dirs_exist_ok=True)
        rows.append((case, check.seen))
        shutil.rmtree(folder)
    print(f"{len(rows) - len(failed)} of {len(rows)} as they should be")
    if arguments.table and not failed:
        write_table(arguments.table, rows)
    sys.exit(1 if failed else 0)


def write_table(path, rows):
    """Replaces what follows the mark in a page."""
    mark = "<!-- made by scripts/check-video --table -->\n"
    with open(path) as file:
        head = file.read().split(mark)[0]
    lines = ["| | input | output, options | shown |", "|---|---|---|---|"]
    for case, seen in rows:
        options = f" `{case.options}`" if case.options else ""
        target = case.target if "." in case.target else "folder"
        lines.append(f"| {case.group} | {case.name} | {target}{options} | {', '.join(seen)} |")
    with open(path, "w") as file:
        file.write(head + mark + "\n" + "\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
