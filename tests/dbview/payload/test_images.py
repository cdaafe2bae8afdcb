"""Images are drawn with Pillow and without it, and none of them takes more than its share."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from dbview.errors import PayloadUnreadable
from dbview.payload.content import Memory
from dbview.payload.image import decode
from dbview.payload.pixels import NeedsPillow, Unfit, rows_of_pixels
from dbview.payload.raster import Picture, small_picture

from .showing import document, shown


def png(width: int, height: int, kind: int, rows: bytes, *, extra: bytes = b"") -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + extra + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def filtered(rows: list[bytes], step: int, kinds: list[int]) -> bytes:
    """Write rows as PNG does, each with a filter of its own."""
    made, above = b"", bytes(len(rows[0]))
    for row, kind in zip(rows, kinds, strict=True):
        made += bytes([kind])
        for place, value in enumerate(row):
            left = row[place - step] if place >= step else 0
            up, corner = above[place], above[place - step] if place >= step else 0
            guess = left + up - corner
            near = min((left, up, corner), key=lambda one: abs(guess - one))
            made += bytes([(value - (0, left, up, (left + up) // 2, near)[kind]) & 255])
        above = row
    return made


@given(st.data(), st.sampled_from([(0, 1), (2, 3)]), st.integers(1, 6), st.integers(1, 5))
def test_every_filter_of_png_is_taken_back(data: st.DataObject, kind: tuple[int, int], width: int, height: int) -> None:
    length = width * kind[1]
    rows = [data.draw(st.binary(min_size=length, max_size=length)) for _ in range(height)]
    kinds = [data.draw(st.integers(0, 4)) for _ in range(height)]
    size, found = rows_of_pixels(png(width, height, kind[0], filtered(rows, kind[1], kinds)))
    assert size == (width, height)
    assert [
        bytes(value for pixel in zip(*planes, strict=True) for value in pixel[: kind[1]]) for planes in found
    ] == rows


def test_an_image_is_made_as_small_as_the_screen() -> None:
    red, blue = bytes((255, 0, 0)), bytes((0, 0, 255))
    rows = b"".join(b"\0" + (red if line < 20 else blue) * 60 for line in range(40))
    picture = decode(Memory(png(60, 40, 2, rows)), "PNG image", (30, 20))
    assert picture.size == (30, 20)
    assert picture.pixels == red * 300 + blue * 300
    assert shown(png(60, 40, 2, rows)).splitlines()[1].strip() == "▀" * 60


def test_a_decompression_bomb_is_refused() -> None:
    with pytest.raises(PayloadUnreadable, match="too large to draw"):
        decode(Memory(png(100_000, 100_000, 2, bytes(1000))), "PNG image", (80, 48))


def test_an_image_of_another_kind_needs_pillow() -> None:
    with pytest.raises(NeedsPillow):
        rows_of_pixels(b"\xff\xd8\xff\xe0" + bytes(100))


# With Pillow


RED, BLUE = bytes((255, 0, 0)), bytes((0, 0, 255))


def written(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def red_over_blue(size: int = 64) -> Image.Image:
    """Return a picture whose upper half is red and whose lower half is blue."""
    pixels = numpy.zeros((size, size, 3), "uint8")
    pixels[: size // 2, :, 0] = pixels[size // 2 :, :, 2] = 255
    return Image.fromarray(pixels)


def small(raw: bytes) -> Picture:
    return small_picture(io.BytesIO(raw), (4, 4))


@pytest.mark.parametrize("kind", ["PNG", "GIF", "TIFF", "BMP", "PPM", "JPEG", "WEBP"])
def test_each_kind_of_image_is_decoded(kind: str) -> None:
    picture = small(written(red_over_blue(), kind))
    assert (picture.source, picture.size, picture.words) == ((64, 64), (4, 4), "")
    expected = RED * 8 + BLUE * 8
    # Two of these kinds keep colours roughly.
    assert max(abs(here - there) for here, there in zip(picture.pixels, expected, strict=True)) <= 8


@pytest.mark.parametrize("mode", ["P", "RGBA", "PA", "CMYK"])
def test_colours_are_kept_however_they_are_written(mode: str) -> None:
    kind = "PNG" if mode in ("P", "RGBA") else "TIFF"
    image = red_over_blue().convert("P").convert(mode) if mode == "PA" else red_over_blue().convert(mode)
    assert small(written(image, kind)).pixels == RED * 8 + BLUE * 8


def test_what_is_transparent_looks_like_paper() -> None:
    image = red_over_blue().convert("RGBA")
    image.paste((0, 0, 0, 0), (0, 0, 64, 32))
    assert small(written(image, "PNG")).pixels == b"\xff" * 24 + BLUE * 8
    palette = red_over_blue().convert("P", palette=Image.Palette.ADAPTIVE, colors=2)
    index = palette.getpixel((0, 0))
    assert small(written(palette, "PNG", transparency=index)).pixels == b"\xff" * 24 + BLUE * 8


def test_an_interlaced_png_is_decoded() -> None:
    # Of one pixel, whose first pass is all of it.
    raw = png(1, 1, 2, b"\0" + RED)
    interlaced = raw[:28] + b"\1" + struct.pack(">I", zlib.crc32(raw[12:28] + b"\1")) + raw[33:]
    assert small(interlaced).pixels == RED
    with pytest.raises(NeedsPillow):
        rows_of_pixels(interlaced)


@pytest.mark.parametrize(("kind", "dtype"), [("PNG", "uint16"), ("TIFF", "uint16"), ("TIFF", "int32"), ("TIFF", "f4")])
def test_counts_of_a_detector_reach_from_black_to_white(kind: str, dtype: str) -> None:
    counts = numpy.zeros((4, 4), dtype)
    counts[:, 1:] = 50, 100, 100
    picture = small(written(Image.fromarray(counts), kind))
    assert picture.words == "from 0 to 100"
    assert [pixel // 2 for pixel in picture.pixels[:12:3]] == [0, 63, 127, 127]


def test_masked_pixels_of_a_detector_hide_nothing() -> None:
    counts = numpy.full((4, 4), 10, "f4")
    counts[0] = numpy.nan, -numpy.inf, numpy.inf, 30
    picture = small(written(Image.fromarray(counts), "TIFF"))
    assert picture.words == "from 10 to 30"
    assert picture.pixels[3:12:3] == b"\x00\xff\xff"
    nothing = small(written(Image.fromarray(numpy.full((4, 4), numpy.nan, "f4")), "TIFF"))
    assert nothing.words == "from 0 to 0"


@pytest.mark.parametrize("kind", ["GIF", "TIFF", "PNG", "WEBP"])
def test_of_several_images_the_first_is_drawn(kind: str) -> None:
    others = [Image.new("RGB", (64, 64), "white"), Image.new("RGB", (64, 64), "black")]
    picture = small(written(red_over_blue(), kind, save_all=True, append_images=others))
    assert picture.words == "first of 3 images"
    assert picture.pixels[0] > picture.pixels[2]


def test_the_first_of_several_images_is_drawn_though_the_last_is_cut_short() -> None:
    whole = written(red_over_blue(), "GIF", save_all=True, append_images=[NOISE])
    first = written(red_over_blue(), "GIF")
    for end in range(len(first), len(whole), 50):
        picture = small(whole[:end])
        assert picture.pixels == RED * 8 + BLUE * 8


# Damaged and hostile ones


pillow_may_warn = pytest.mark.filterwarnings("ignore::Warning:PIL")
"""What Pillow warns of goes nowhere in the process that decodes for the viewer."""


def words_about(raw: bytes) -> str:
    """Return what is told of an image, drawn or not."""
    try:
        picture = small(raw)
    except Unfit as error:
        return str(error)
    width, height = picture.size
    assert len(picture.pixels) == 3 * width * height
    return picture.words


NOISE = Image.fromarray(numpy.random.default_rng(1).integers(0, 255, (64, 64, 3), dtype="uint8"))


@pillow_may_warn
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "GIF", "PPM"])
def test_an_image_that_is_cut_short_is_shown_as_far_as_it_goes(kind: str) -> None:
    options: dict[str, Any] = {"interlace": False} if kind == "GIF" else {}
    raw = written(NOISE, kind, **options)
    whole, part = small(raw), small(raw[: 3 * len(raw) // 4])
    assert part.words == "cut short"
    assert part.pixels[:12] == whole.pixels[:12]
    assert part.pixels[-12:] != whole.pixels[-12:]


def with_a_wrong_byte() -> bytes:
    """Return a PNG image that is as long as it should be, but cannot be inflated beyond its middle."""
    raw = bytearray(written(NOISE, "PNG"))
    raw[len(raw) // 2] ^= 0xFF
    return bytes(raw)


def test_an_image_in_which_bytes_are_wrong_is_called_damaged() -> None:
    assert small(with_a_wrong_byte()).words == "damaged"


@pillow_may_warn
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "GIF", "BMP", "WEBP"])
@pytest.mark.parametrize("share", [0.003, 0.01])
def test_an_image_of_which_hardly_anything_is_there_is_refused_in_words(kind: str, share: float) -> None:
    raw = written(NOISE, kind)
    assert "object at 0x" not in words_about(raw[: int(len(raw) * share)])


@pillow_may_warn
@given(st.sampled_from(["PNG", "JPEG", "TIFF", "GIF", "BMP", "WEBP"]), st.data())
def test_whatever_is_damaged_in_an_image_is_told_in_words(kind: str, data: st.DataObject) -> None:
    raw = bytearray(written(NOISE.resize((16, 16)), kind))
    for _ in range(data.draw(st.integers(1, 20))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    assert "object at 0x" not in words_about(bytes(raw))


@pillow_may_warn
@pytest.mark.parametrize("size", [(20_000, 20_000), (11_000, 10_000)])
def test_a_bomb_of_any_kind_is_refused_before_it_is_decoded(size: tuple[int, int]) -> None:
    for kind in ("PNG", "GIF"):
        raw = bytearray(written(Image.new("P", (1, 1)), kind))
        if kind == "PNG":
            raw[16:24] = struct.pack(">II", *size)
            raw[29:33] = struct.pack(">I", zlib.crc32(raw[12:29]))
        else:
            raw[6:10] = struct.pack("<HH", *size)
        with pytest.raises(Unfit, match="too large to draw"):
            small(bytes(raw))


# Without Pillow


@pytest.fixture
def without_pillow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have processes that are started find a Pillow that cannot be imported."""
    (tmp_path / "PIL.py").write_text("raise ImportError('none here')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))


@pytest.mark.usefixtures("without_pillow")
def test_without_pillow_the_words_name_what_is_to_be_installed() -> None:
    with pytest.raises(PayloadUnreadable, match=r"JPEG image .* pip install 'recorder-dbview\[images\]'"):
        decode(Memory(written(NOISE, "JPEG")), "JPEG image", (80, 48))


@pytest.mark.usefixtures("without_pillow")
def test_without_pillow_a_plain_png_is_drawn_as_far_as_it_goes() -> None:
    raw = written(NOISE, "PNG")
    assert "64 × 64 pixels" in document(raw).note
    assert "64 × 64 pixels, cut short" in document(raw[: len(raw) // 2]).note
    assert "64 × 64 pixels, damaged" in document(with_a_wrong_byte()).note
    with pytest.raises(PayloadUnreadable, match="too large to draw"):
        decode(Memory(png(100_000, 100_000, 2, bytes(1000))), "PNG image", (80, 48))


def test_a_damaged_jpeg_is_told_of_with_pillow() -> None:
    with pytest.raises(PayloadUnreadable, match="cannot be decoded"):
        decode(Memory(b"\xff\xd8\xff\xe0" + bytes(100)), "JPEG image", (80, 48))
