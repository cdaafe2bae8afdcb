"""Draw images in the terminal: two pixels, one above the other, in each cell; in more detail where the terminal can."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from rich.color import Color
from rich.style import Style

import dbview
from dbview.errors import PayloadUnreadable
from dbview.payload import kitty
from dbview.payload.content import Content, File
from dbview.payload.document import ListDocument, Span
from dbview.payload.pixels import MOST_BYTES
from dbview.payload.raster import SECONDS, Picture, fitted
from dbview.text import decode_escaped, visible

INSTALL = "pip install 'recorder-dbview[images]'"
"""What gives the viewer all kinds of images."""

_UPPER_HALF = "▀"
_PATIENCE = SECONDS + 10.0
_LARGEST_ROWS = 2_000


class ImageDocument(ListDocument):
    """An image as large as there is room, never enlarged.

    Args:
        content: The image file.
        kind: What it is, for words: ``PNG image``.
        whole: True to show all of it at once; False to use the whole width, and scroll.
    """

    def __init__(self, content: Content, kind: str, *, whole: bool = True) -> None:
        super().__init__()
        self._content = content
        self._kind = kind
        self._whole = whole
        self._room = (0, 0)

    def fit(self, width: int, height: int) -> None:
        """Draw it anew, unless there is as much room as before.

        Raises:
            PayloadUnreadable: It cannot be decoded; the message says why, or what is to be installed.
        """
        room = (max(1, width - 2), 2 * height if self._whole else 2 * _LARGEST_ROWS)
        if room == self._room:
            return
        picture = self._detailed(room) if kitty.is_spoken(os.environ) else self._plain(room)
        size = f"{picture.source[0]:,} × {picture.source[1]:,} pixels"
        self.note = f"{size}, {visible(picture.words)}" if picture.words else size
        self._room = room

    def _plain(self, room: tuple[int, int]) -> Picture:
        picture = decode(self._content, self._kind, room)
        self.show(half_blocks(picture))
        return picture

    def _detailed(self, room: tuple[int, int]) -> Picture:
        """Draw it over the same cells, as many as can be counted."""
        room = (min(room[0], len(kitty.MARKS)), min(room[1], 2 * len(kitty.MARKS)))
        picture = decode(self._content, self._kind, (kitty.DETAIL * room[0], kitty.DETAIL * room[1]))
        width, height = fitted(picture.source, room)
        self.graphics, lines = kitty.drawing(picture, (width, (height + 1) // 2))
        self.show(lines)
        return picture


def decode(content: Content, kind: str, room: tuple[int, int]) -> Picture:
    """Return an image made small, decoded in a process of its own that is ended if it takes too long.

    Raises:
        PayloadUnreadable: It cannot be decoded; the message says why, or what is to be installed.
    """
    root = str(Path(dbview.__file__).parents[1])
    # -P: what lies in the present directory must not be imported.
    command = [sys.executable, "-P", "-m", "dbview.payload.raster", *map(str, room)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))}
    given: dict[str, object] = {"input": content.read(0, MOST_BYTES)}
    if isinstance(content, File):
        os.lseek(content.descriptor, 0, os.SEEK_SET)
        given = {"stdin": content.descriptor}
    try:
        done = subprocess.run(  # type: ignore[call-overload]
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment, timeout=_PATIENCE, **given
        )
    except subprocess.TimeoutExpired as error:
        raise PayloadUnreadable(f"the {kind} takes longer than {_PATIENCE:.0f} s to decode.") from error
    except OSError as error:
        raise PayloadUnreadable(
            f"the {kind} cannot be decoded: no process can be started: {error.strerror}."
        ) from error
    line, _, pixels = done.stdout.partition(b"\n")
    word, _, rest = decode_escaped(line).partition(" ")
    if word == "ok":
        *numbers, words = rest.split(" ", 4)
        source_width, source_height, width, height = map(int, numbers)
        return Picture((source_width, source_height), (width, height), pixels, words)
    if word == "extra":
        raise PayloadUnreadable(f"this {kind} can be drawn with Pillow installed: {INSTALL}")
    if word == "error":
        raise PayloadUnreadable(visible(rest).rstrip(".") + ".")
    raise PayloadUnreadable(f"the {kind} takes too much time or memory to decode.")


def half_blocks(picture: Picture) -> list[tuple[Span, ...]]:
    """Return rows of half blocks; the last row of an odd height has nothing below."""
    width, height = picture.size
    lines = []
    for top in range(0, height, 2):
        spans: list[Span] = [(" ", "")]
        upper = picture.pixels[3 * width * top : 3 * width * (top + 1)]
        lower = picture.pixels[3 * width * (top + 1) : 3 * width * (top + 2)]
        run, last = 0, (b"", b"")
        for place in range(0, 3 * width, 3):
            pair = (upper[place : place + 3], lower[place : place + 3])
            if pair != last and run:
                spans.append((_UPPER_HALF * run, _style(*last)))
                run = 0
            run, last = run + 1, pair
        spans.append((_UPPER_HALF * run, _style(*last)))
        lines.append(tuple(spans))
    return lines


def _style(upper: bytes, lower: bytes) -> Style:
    background = Color.from_rgb(*lower) if lower else None
    return Style.from_color(Color.from_rgb(*upper), background)
