"""Fit text into cells of a terminal: wide characters take two, combining ones none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from rich.cells import cell_len, chop_cells, set_cell_size

from dbview.text import ELLIPSIS

Tone = TypeVar("Tone")

_CHARACTERS_PER_CELL = 4
"""So many characters are looked at for each cell to fill; only a text of combining characters alone has more."""


def fit(text: str, width: int) -> str:
    """Return text that takes at most width cells, cut off with an ellipsis if it is longer."""
    if width <= 0:
        return ""
    return text if cell_len(text) <= width else set_cell_size(text, width - 1) + ELLIPSIS


def fit_end(text: str, width: int) -> str:
    """Return text that takes at most width cells, its beginning cut off: what matters in a path is its end."""
    if cell_len(text) <= width:
        return text
    text = text[-width:] if width > 0 else ""
    while text and cell_len(text) > width - 1:
        text = text[1:]
    return ELLIPSIS + text if width > 0 else ""


def fit_value(text: str, width: int) -> str:
    """Return a value that takes at most width cells: of a path the end is kept, of anything else the beginning."""
    return fit_end(text, width) if text.startswith("/") else fit(text, width)


def pad(text: str, width: int, right: bool = False) -> str:
    """Return text that takes exactly width cells, cut as a value is."""
    text = fit_value(text, width)
    blank = " " * (width - cell_len(text))
    return blank + text if right else text + blank


def beside(left: str, right: str, width: int) -> str:
    """Return a line with one text at its left and one at its right end; the left one gives way."""
    right = fit(right, width)
    room = width - cell_len(right)
    return pad(left, max(0, room - 1)) + (" " if room else "") + right


def without_start(spans: Sequence[tuple[str, Tone]], count: int) -> list[tuple[str, Tone]]:
    """Return spans, of which there may be none, without their first characters, which make room for a mark."""
    kept: list[tuple[str, Tone]] = []
    for text, tone in spans:
        kept.append((text[count:], tone))
        count = max(0, count - len(text))
    return kept


def wrap(text: str, width: int, later: int, solid: int = 0) -> list[str]:
    """Return text cut into pieces: after a space if the word behind it fits on a line, else where the line is full.

    Joined, the pieces are the text; so one may end in a space that stands beyond the end of its line.

    Args:
        text: The text.
        width: Cells of the first line.
        later: Cells of every other line.
        solid: Characters at the beginning whose spaces are no place for a cut.
    """
    pieces: list[str] = []
    start, room, first_space = 0, width, max(1, solid)
    while (stop := _cut(text, start, room, later, first_space)) < len(text):
        pieces.append(text[start:stop])
        start, room, first_space = stop, later, stop + 1
    return [*pieces, text[start:]]


def _cut(text: str, start: int, room: int, later: int, first_space: int) -> int:
    """Return where the piece ends that begins at start."""
    near = text[start : start + _CHARACTERS_PER_CELL * room]
    full = start + max(1, len(next(iter(chop_cells(near, room)), near)))
    if full >= len(text):
        return len(text)
    behind = text.rfind(" ", first_space, full + 1) + 1
    word = text[behind : behind + _CHARACTERS_PER_CELL * later].partition(" ")[0]
    return behind if behind > full or (behind and cell_len(word) <= later) else full
