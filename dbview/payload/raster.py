"""Decode an image and make it small: a program of its own, so that no image can hold up or end the viewer.

It reads the image from standard input and writes one line, then bytes. The line is ``ok`` and source width, source
height, width, height and words, followed by that many red, green and blue bytes; ``error`` and words; or ``extra``
where the image needs Pillow and that is not installed.
"""

from __future__ import annotations

import importlib
import io
import math
import struct
import sys
from array import array
from collections.abc import Iterator
from itertools import islice, pairwise
from typing import Any, BinaryIO, NamedTuple

from dbview.payload.pixels import MOST_BYTES, PAPER, NeedsPillow, Planes, Unfit, rows_of_pixels

MEMORY_LIMIT = 2 * 1024**3
"""Bytes of address space."""

SECONDS = 20
"""Of computing."""

MOST_PIXELS = 100_000_000
"""Of an image that Pillow may decode."""

_MISSING = b"\x80"
"""Brightness of what is missing of an image."""

_CUT, _BROKEN = "cut short", "damaged"


class Picture(NamedTuple):
    """A small image.

    Attributes:
        source: Width and height of the image it was made of.
        size: Its own width and height.
        pixels: Red, green and blue, a byte each, row by row.
        words: What is to be known about it.
    """

    source: tuple[int, int]
    size: tuple[int, int]
    pixels: bytes
    words: str = ""


def small_picture(stream: BinaryIO, room: tuple[int, int]) -> Picture:
    """Decode an image so small that it has at most these pixels; it is never enlarged.

    Raises:
        Unfit: It is damaged or too large.
        NeedsPillow: Pillow is needed and not installed.
    """
    raw = stream.read(MOST_BYTES)
    try:
        pillow = importlib.import_module("PIL.Image")
    except ImportError:
        return _decoded_here(raw, room)
    return _decoded_by_pillow(pillow, io.BytesIO(raw), room)


def fitted(source: tuple[int, int], room: tuple[int, int]) -> tuple[int, int]:
    """Return the size, in pixels, at which an image fits; it is never enlarged."""
    width, height = source
    scale = min(1.0, room[0] / width, room[1] / height)
    return max(1, int(width * scale)), max(1, int(height * scale))


# Without Pillow


def _decoded_here(raw: bytes, room: tuple[int, int]) -> Picture:
    source, rows = rows_of_pixels(raw)
    size = fitted(source, room)
    pixels, words = _averaged(source, size, rows)
    return Picture(source, size, pixels, words)


def _averaged(source: tuple[int, int], size: tuple[int, int], rows: Iterator[Planes]) -> tuple[bytes, str]:
    """Return the means of the pixels that fall together; and what is wrong, if not all rows came."""
    width, height = size
    edges = [place * source[0] // width for place in range(width + 1)]
    pairs = list(pairwise(edges))
    made = bytearray()
    words = ""
    for line in range(height):
        first, last = line * source[1] // height, (line + 1) * source[1] // height
        sums = [[0] * width for _ in range(3)]
        count = 0
        try:
            for planes in islice(rows, last - first):
                count += 1
                for total, plane in zip(sums, planes, strict=True):
                    for place, (left, right) in enumerate(pairs):
                        total[place] += sum(plane[left:right])
        except Unfit:
            words = _BROKEN
        if not count:
            break
        for place, (left, right) in enumerate(pairs):
            made += bytes(total[place] // (count * (right - left)) for total in sums)
    missing = 3 * width * height - len(made)
    return bytes(made) + _MISSING * missing, words or (_CUT if missing else "")


# What Pillow reads

_DAMAGED = (OSError, ValueError, SyntaxError, EOFError, TypeError, IndexError, struct.error)
"""What Pillow raises for a damaged image, depending on its kind."""

_FORMATS = ("PNG", "JPEG", "GIF", "TIFF", "PPM", "BMP", "WEBP")


def _decoded_by_pillow(pillow: Any, stream: BinaryIO, room: tuple[int, int]) -> Picture:
    try:
        image, source, told = _loaded(pillow, stream, room)
        image, words = _in_colour(pillow, image)
        size = fitted(source, room)
        small = image.resize(size, pillow.Resampling.BOX, reducing_gap=2.0)
        return Picture(source, size, small.tobytes(), ", ".join(filter(None, (*told, words))))
    except pillow.UnidentifiedImageError as error:
        # Its own words name an object in memory.
        raise Unfit("the image cannot be decoded: it is damaged where it begins") from error
    except pillow.DecompressionBombError as error:
        raise Unfit("the image is too large to draw") from error
    except _DAMAGED as error:
        raise Unfit(f"the image cannot be decoded: {error}") from error


def _loaded(pillow: Any, stream: BinaryIO, room: tuple[int, int]) -> tuple[Any, tuple[int, int], list[str]]:
    """Return an image decoded as far as it goes, the size it says it has, and what is to be told of it."""
    image = pillow.open(stream, formats=_FORMATS)
    source = image.size
    if source[0] * source[1] > MOST_PIXELS:
        raise Unfit(f"the image is too large to draw: {source[0]:,} × {source[1]:,} pixels")
    told = [words] if (words := _frames(image)) else []
    image.draft("RGB", fitted(source, room))
    try:
        image.load()
    except _DAMAGED as error:
        # Its words are all that tells one from the other.
        wrong = _CUT if "truncated" in str(error) else _BROKEN
        # Once more from its beginning: what is there of the image is shown.
        stream.seek(0)
        image = pillow.open(stream, formats=_FORMATS)
        image.draft("RGB", fitted(source, room))
        files: Any = importlib.import_module("PIL.ImageFile")
        files.LOAD_TRUNCATED_IMAGES = True
        try:
            image.load()
        finally:
            files.LOAD_TRUNCATED_IMAGES = False
        told.append(wrong)
    return image, source, told


def _frames(image: Any) -> str:
    """Return that an image is one of several; counting them goes to the end of the file, which may be damaged."""
    try:
        frames = getattr(image, "n_frames", 1)
    except _DAMAGED:
        image.seek(0)
        return "first of several images"
    return f"first of {frames} images" if frames > 1 else ""


def _in_colour(pillow: Any, image: Any) -> tuple[Any, str]:
    if image.mode == "F" or image.mode.startswith("I"):
        # What a detector counts, say: as dark and as bright as it gets.
        image = image.convert("F")
        low, high = _extremes(image)
        scale = 255 / (high - low) if high > low else 0.0
        grey = image.point(lambda value: value * scale - low * scale).convert("L")
        return grey.convert("RGB"), f"from {low:g} to {high:g}"
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
        paper = pillow.new("RGBA", image.size, (PAPER, PAPER, PAPER, 255))
        return pillow.alpha_composite(paper, image).convert("RGB"), ""
    return image.convert("RGB"), ""


def _extremes(image: Any) -> tuple[float, float]:
    """Return the smallest and the largest real number of an image of them; masked pixels are often NaN."""
    low, high = image.getextrema()
    if math.isfinite(low) and math.isfinite(high):
        return low, high
    finite = [value for value in array("f", image.tobytes()) if math.isfinite(value)]
    return min(finite, default=0.0), max(finite, default=0.0)


def main(width: int, height: int) -> None:
    """Write the image on standard input, made small, to standard output."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))
    out = sys.stdout.buffer
    try:
        picture = small_picture(sys.stdin.buffer, (width, height))
    except NeedsPillow:
        out.write(b"extra\n")
    except Unfit as error:
        out.write(f"error {error}\n".encode("utf-8", "replace"))
    except MemoryError:
        out.write(b"error the image takes too much memory\n")
    else:
        numbers = " ".join(map(str, (*picture.source, *picture.size)))
        out.write(f"ok {numbers} {picture.words}\n".encode() + picture.pixels)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
