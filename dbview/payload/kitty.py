"""Draw an image by kitty's graphics protocol, in terminals that have it.

The image is sent once. What stands on the screen are cells of text, each of which says by two marks above it which
part of the image the terminal is to draw there, and by its colour of which image. So it scrolls, is cut off and is
covered as all other text is. https://sw.kovidgoyal.net/kitty/graphics-protocol/#unicode-placeholders
"""

from __future__ import annotations

import base64
import random
import zlib
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from rich.color import Color
from rich.style import Style

from dbview.payload.document import Graphics, Span
from dbview.payload.raster import Picture

IMAGES_VARIABLE = "DBVIEW_IMAGES"
"""Says how images are drawn: ``blocks``, ``kitty``, or ``auto``, which is kitty where the terminal is known for it."""

DETAIL = 8
"""Pixels that are sent for each that half a cell could show, in both directions."""

_CELL = "\U0010eeee"
_CHUNK = 4096
"""Characters of a piece of an image; the protocol allows no more."""

# Characters of combining class 230 without a decomposition, of those that Unicode 6.0 has; the first stands for 0.
_MARKS_IN_HEX = """
305 30D-30E 310 312 33D-33F 346 34A-34C 350-352 357 35B 363-36F 483-487 592-595 597-599 59C-5A1 5A8-5A9 5AB-5AC 5AF
5C4 610-617 657-65B 65D-65E 6D6-6DC 6DF-6E2 6E4 6E7-6E8 6EB-6EC 730 732-733 735-736 73A 73D 73F-741 743 745 747
749-74A 7EB-7F1 7F3 816-819 81B-823 825-827 829-82D 951 953-954 F82-F83 F86-F87 135D-135F 17DD 193A 1A17 1A75-1A7C
1B6B 1B6D-1B73 1CD0-1CD2 1CDA-1CDB 1CE0 1DC0-1DC1 1DC3-1DC9 1DCB-1DCC 1DD1-1DE6 1DFE 20D0-20D1 20D4-20D7 20DB-20DC
20E1 20E7 20E9 20F0 2CEF-2CF1 2DE0-2DFF A66F A67C-A67D A6F0-A6F1 A8E0-A8F1 AAB0 AAB2-AAB3 AAB7-AAB8 AABE-AABF AAC1
FE20-FE26 10A0F 10A38 1D185-1D189 1D1AA-1D1AD 1D242-1D244
"""

_CELLS_A_SPAN = 16
"""Longer runs of cells with marks are not always cut between two cells, but before a mark."""


def _marks() -> Iterator[str]:
    for ends in _MARKS_IN_HEX.split():
        first, _, last = ends.partition("-")
        yield from map(chr, range(int(first, 16), int(last or first, 16) + 1))


MARKS = tuple(_marks())
"""What says the number of a row or a column; an image has no more cells than these in either direction."""


def is_spoken(environment: Mapping[str, str]) -> bool:
    """Tell by the environment whether the terminal draws images; a person may say so, or not.

    Nothing is asked of the terminal: one that does not know the question shows it. Images are told apart by their
    colours, so these have to be exact; and what stands between would have to pass images on.
    """
    wish = environment.get(IMAGES_VARIABLE, "auto")
    if wish in ("blocks", "kitty"):
        return wish == "kitty"
    is_known = (
        environment.get("TERM") in ("xterm-kitty", "xterm-ghostty")
        or environment.get("TERM_PROGRAM") == "ghostty"
        or bool(environment.get("KITTY_WINDOW_ID"))
    )
    # Such a locale demands ASCII, which has neither the cells nor the marks.
    is_plain = environment.get("LC_ALL") in ("C", "POSIX")
    is_exact = environment.get("COLORTERM") in ("truecolor", "24bit") and not environment.get("NO_COLOR")
    return is_known and is_exact and not is_plain and not any(environment.get(name) for name in ("TMUX", "STY"))


class Drawing(NamedTuple):
    """An image as it is sent, and the rows that it is seen in."""

    graphics: Graphics
    lines: list[tuple[Span, ...]]


def drawing(picture: Picture, cells: tuple[int, int]) -> Drawing:
    """Return a picture as a terminal draws it over so many cells.

    Args:
        picture: As detailed as it is to be.
        cells: Columns and rows, at most as many as there are marks.
    """
    number = random.randrange(1, 1 << 24)
    return Drawing(Graphics(_sent(picture, number, cells), f"\x1b_Ga=d,d=I,i={number},q=2\x1b\\"), _rows(number, cells))


def _sent(picture: Picture, number: int, cells: tuple[int, int]) -> str:
    text = base64.b64encode(zlib.compress(picture.pixels)).decode("ascii")
    (width, height), (columns, rows) = picture.size, cells
    keys = f"a=T,U=1,i={number},f=24,o=z,s={width},v={height},c={columns},r={rows},"
    made = []
    for start in range(0, len(text), _CHUNK):
        more = int(start + _CHUNK < len(text))
        made.append(f"\x1b_G{keys}q=2,m={more};{text[start : start + _CHUNK]}\x1b\\")
        keys = ""
    return "".join(made)


def _rows(number: int, cells: tuple[int, int]) -> list[tuple[Span, ...]]:
    style = Style.from_color(Color.from_rgb(number >> 16, number >> 8 & 255, number & 255))
    columns, rows = cells
    lines = []
    for row in MARKS[:rows]:
        texts = [_CELL + row + column for column in MARKS[:columns]]
        groups = ("".join(texts[start : start + _CELLS_A_SPAN]) for start in range(0, columns, _CELLS_A_SPAN))
        spans: list[Span] = [(" ", ""), *((group, style) for group in groups)]
        lines.append(tuple(spans))
    return lines
