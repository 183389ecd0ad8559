"""PNG pictures of 16 bits per channel, which Pillow does not have: written and read with NumPy."""

import struct
import zlib

import numpy as np

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(
        ">I", zlib.crc32(kind + content))


def write(path, picture):
    """[height, width, 3] of uint16, rows unfiltered."""
    height, width, _ = picture.shape
    rows = picture.astype(">u2").tobytes()
    size = 6 * width
    lines = b"".join(b"\0" + rows[y * size:(y + 1) * size] for y in range(height))
    with open(path, "wb") as file:
        file.write(
            SIGNATURE + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b""))


def paeth(left, above, corner):
    estimate = left + above - corner
    distances = [abs(estimate - value) for value in (left, above, corner)]
    return (left, above, corner)[distances.index(min(distances))]


def read(path):
    """[height, width, 3] of uint16, from 8 or 16 bits (8 bits times 257)."""
    with open(path, "rb") as file:
        content = file.read()
    assert content.startswith(SIGNATURE), f"{path} is no PNG picture"
    data, position = b"", 8
    while position < len(content):
        length, kind = struct.unpack(">I4s", content[position:position + 8])
        body = content[position + 8:position + 8 + length]
        if kind == b"IHDR":
            width, height, depth, color, _, _, interlaced = struct.unpack(">IIBBBBB", body)
        elif kind == b"IDAT":
            data += body
        position += 12 + length
    assert color == 2 and not interlaced, f"{path} is not plain RGB"
    pixel = 3 * depth // 8
    lines = np.frombuffer(zlib.decompress(data), np.uint8).reshape(height, 1 + pixel * width)
    rows = np.zeros((height, width, pixel), np.int64)
    above = np.zeros((width, pixel), np.int64)
    for y, line in enumerate(lines):
        row, values = rows[y], line[1:].reshape(width, pixel).astype(np.int64)
        match line[0]:
            case 0:
                row[:] = values
            case 1:
                row[:] = np.cumsum(values, axis=0) % 256
            case 2:
                row[:] = (values + above) % 256
            case filter_type:
                left = corner = [0] * pixel
                for x in range(width):
                    for c in range(pixel):
                        guess = (
                            (left[c] + int(above[x, c])) // 2 if filter_type == 3
                            else paeth(left[c], int(above[x, c]), corner[c]))
                        row[x, c] = (values[x, c] + guess) % 256
                    left, corner = [int(v) for v in row[x]], [int(v) for v in above[x]]
        above = row
    picture = rows.astype(np.uint8).reshape(height, width * pixel)
    if depth == 8:
        return picture.reshape(height, width, 3).astype(np.uint16) * 257
    return picture.view(">u2").reshape(height, width, 3).astype(np.uint16)
