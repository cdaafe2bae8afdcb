"""Read the pixels of PNG and PNM images of 8 or 16 bits with zlib alone, so that figures are seen wherever we run."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator
from itertools import accumulate

MOST_BYTES = 48 * 1024 * 1024
"""Of an image's pixels, or of its file."""

PAPER = 255
"""Brightness of what shows through where an image is transparent."""

_CHUNK = 64 * 1024

Planes = tuple[bytes, bytes, bytes]
"""A row's red, green and blue bytes."""


class Unfit(Exception):
    """The image is damaged or too large; says so in words."""


class NeedsPillow(Exception):
    """The image is of a kind that only Pillow reads."""


def rows_of_pixels(raw: bytes) -> tuple[tuple[int, int], Iterator[Planes]]:
    """Return an image's width and height, and its rows; fewer rows come where it is cut short.

    Raises:
        Unfit: It is damaged or too large; also when the damage is come to, which may be at any row.
        NeedsPillow: It is of another kind.
    """
    if raw.startswith(b"\x89PNG\r\n\x1a\n"):
        return _png(raw)
    if raw[:2] in (b"P5", b"P6"):
        return _pnm(raw)
    raise NeedsPillow


_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""Values of a pixel, by PNG's type of colour: grey, colour, palette, grey and alpha, colour and alpha."""


def _png(raw: bytes) -> tuple[tuple[int, int], Iterator[Planes]]:
    if len(raw) < 33:
        raise Unfit("the image is cut short before its size")
    width, height, depth, kind, _compression, _filter, interlaced = struct.unpack(">IIBBBBB", raw[16:29])
    if kind not in _CHANNELS or depth not in (8, 16) or interlaced:
        raise NeedsPillow
    channels, wide = _CHANNELS[kind], depth // 8
    _check_size(width, height, channels * wide)
    palette, alphas, data = _png_chunks(raw)
    lines = _png_lines(data, height, width * channels * wide, channels * wide)
    planes = _planes(kind, palette, alphas)
    return (width, height), (planes([line[c * wide :: channels * wide] for c in range(channels)]) for line in lines)


def _png_chunks(raw: bytes) -> tuple[bytes, bytes, list[bytes]]:
    palette, alphas, data, place = b"", b"", [], 8
    while place + 8 <= len(raw):
        length = int.from_bytes(raw[place : place + 4], "big")
        name, body = raw[place + 4 : place + 8], raw[place + 8 : place + 8 + length]
        if name == b"PLTE":
            palette = body
        elif name == b"tRNS":
            alphas = body
        elif name == b"IDAT":
            data.append(body)
        elif name == b"IEND":
            break
        place += 12 + length
    return palette, alphas, data


def _planes(kind: int, palette: bytes, alphas: bytes) -> Callable[[list[bytes]], Planes]:
    """Return what makes red, green and blue of a row's channels."""
    if kind == 3:
        colours = [palette[channel::3].ljust(256, b"\0") for channel in range(3)]
        covered = alphas.ljust(256, b"\xff")
        over = [_over(colour, covered) for colour in colours]
        return lambda row: (row[0].translate(over[0]), row[0].translate(over[1]), row[0].translate(over[2]))
    if kind == 0:
        return lambda row: (row[0], row[0], row[0])
    if kind == 2:
        return lambda row: (row[0], row[1], row[2])
    if kind == 4:
        return lambda row: (_over(row[0], row[1]),) * 3
    return lambda row: (_over(row[0], row[3]), _over(row[1], row[3]), _over(row[2], row[3]))


def _over(colour: bytes, alpha: bytes) -> bytes:
    """Return a row as it looks on paper."""
    if alpha.count(255) == len(alpha):
        return colour
    return bytes((c * a + PAPER * (255 - a)) // 255 for c, a in zip(colour, alpha, strict=True))


def _png_lines(data: list[bytes], height: int, length: int, step: int) -> Iterator[bytes]:
    """Yield the rows, their filters taken back; fewer if the data ends early."""
    inflated = _inflated(data)
    waiting = b""
    before = bytes(length)
    for _ in range(height):
        while len(waiting) <= length:
            more = next(inflated, None)
            if more is None:
                return
            waiting += more
        before = _unfiltered(waiting[0], waiting[1 : length + 1], before, step)
        waiting = waiting[length + 1 :]
        yield before


def _inflated(data: list[bytes]) -> Iterator[bytes]:
    """Yield what is compressed, a little at a time: it may be a thousand times longer."""
    inflate = zlib.decompressobj()
    try:
        for part in data:
            while part:
                yield inflate.decompress(part, _CHUNK)
                part = inflate.unconsumed_tail
    except zlib.error as error:
        raise Unfit("the image is damaged") from error


def _unfiltered(kind: int, line: bytes, above: bytes, step: int) -> bytes:
    if kind == 0:
        return line
    if kind == 1:
        made = bytearray(len(line))
        for channel in range(step):
            made[channel::step] = bytes(value & 255 for value in accumulate(line[channel::step]))
        return bytes(made)
    if kind == 2:
        return bytes((here + up) & 255 for here, up in zip(line, above, strict=True))
    made = bytearray(step) + line
    above = bytes(step) + above
    if kind == 3:
        for place in range(step, len(made)):
            made[place] = (made[place] + (made[place - step] + above[place]) // 2) & 255
    elif kind == 4:
        for place in range(step, len(made)):
            left, up, corner = made[place - step], above[place], above[place - step]
            to_left, to_up, to_corner = abs(up - corner), abs(left - corner), abs(left + up - 2 * corner)
            near = left if to_left <= to_up and to_left <= to_corner else up if to_up <= to_corner else corner
            made[place] = (made[place] + near) & 255
    return bytes(made[step:])


def _pnm(raw: bytes) -> tuple[tuple[int, int], Iterator[Planes]]:
    words: list[bytes] = []
    place = 2
    while len(words) < 3:
        stop = next((i for i in range(place, min(len(raw), place + 1000)) if not raw[i : i + 1].isspace()), len(raw))
        if raw[stop : stop + 1] == b"#":
            place = raw.find(b"\n", stop) + 1 or len(raw)
            continue
        place = next((i for i in range(stop, min(len(raw), stop + 20)) if raw[i : i + 1].isspace()), len(raw))
        words.append(raw[stop:place])
        if not words[-1].isdigit():
            raise Unfit("the image is damaged: it does not say its size")
    width, height, most = map(int, words)
    channels, wide = (3 if raw[:2] == b"P6" else 1), (2 if most > 255 else 1)
    _check_size(width, height, channels * wide)
    length, step = width * channels * wide, channels * wide

    def rows() -> Iterator[Planes]:
        for start in range(place + 1, place + 1 + height * length, length):
            line = raw[start : start + length]
            if len(line) < length:
                return
            planes = [line[channel * wide :: step] for channel in range(channels)]
            yield (planes[0], planes[1], planes[2]) if channels == 3 else (planes[0], planes[0], planes[0])

    return (width, height), rows()


def _check_size(width: int, height: int, step: int) -> None:
    if not width or not height:
        raise Unfit("the image is damaged: it has no pixels")
    if width * height * step > MOST_BYTES:
        raise Unfit(f"the image is too large to draw: {width:,} × {height:,} pixels")
