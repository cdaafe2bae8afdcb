"""Know what a terminal shows and what it is to show, cell by cell, so that only what differs need be sent."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from unicodedata import category

from rich.cells import cell_len, get_character_cell_size

from dbview.terminal.styles import PLAIN, of_blank, switch, told_apart

_GOES = r"\x1b\[(?P<row>\d+);(?P<column>\d+)H"
_TOKEN = re.compile(
    _GOES + r"|\x1b\[(?P<style>[\d;]*)m|(?P<text>[^\x1b\r\n]+)"
    # What else a text may hold goes nowhere: line feeds, after which it is said where to go on, links, and the like.
    r"|\x1b\][^\x07\x1b]*|\x1b\[[0-?]*[ -/]*[@-~]?|\x1b|[\r\n]+"
)
"""What a frame of Textual is made of."""

_FRAME = re.compile(_GOES)

_DRIVING = ("Cc", "Cf", "Cs", "Zl", "Zp")
"""Categories of characters that are commands, or change how others are shown. Those for private use draw images."""

_NEAR = 5
"""Cells between two that differ which are sent again: to skip them takes as many bytes."""

_NOT_KNOWN = "not known"
"""The style of a cell of which nobody knows what the terminal shows in it."""

_PICTURED = frozenset("▀▄█")
"""Pictures are drawn with these: where both colours are one, that is meant."""

_BLANK, _CONTINUED = " ", ""
"""Texts of a cell: nothing, and what belongs to the cell before it, which is a wide character's first."""


@dataclass
class _Line:
    texts: list[str]
    styles: list[str]

    @classmethod
    def of(cls, columns: int, style: str) -> _Line:
        return cls([_BLANK] * columns, [style] * columns)


class Canvas:
    """The cells of a terminal, in two editions: as they are to be, and as they are.

    Args:
        fitted: Returns a text in characters that the terminal has, as many cells wide.
    """

    def __init__(self, fitted: Callable[[str], str] = str) -> None:
        self._fitted = fitted
        self._columns = 0
        self._wanted: list[_Line] = []
        self._shown: list[_Line] = []
        self._touched: set[int] = set()
        self._cursor = (0, 0)
        self._style = PLAIN

    @property
    def is_touched(self) -> bool:
        """True if something was drawn since the lines were asked for last."""
        return bool(self._touched)

    def resize(self, columns: int, rows: int) -> None:
        """Have another size: what is to be shown stays as far as there is room, what is shown is not known any more."""
        if (columns, rows) == (self._columns, len(self._wanted)):
            return
        before, self._columns = self._wanted, columns
        self._wanted = [_Line.of(columns, PLAIN) for _row in range(rows)]
        for line, old in zip(self._wanted, before, strict=False):
            length = min(columns, len(old.texts))
            line.texts[:length], line.styles[:length] = old.texts[:length], old.styles[:length]
        self.forget()

    def forget(self) -> None:
        """Take note that the terminal may show anything."""
        self._shown = [_Line.of(self._columns, _NOT_KNOWN) for _line in self._wanted]
        self._touched = set(range(len(self._wanted)))

    def draw(self, frame: str) -> None:
        """Have cells shown as a frame says.

        Args:
            frame: Text, how it is drawn, and where it goes, as ANSI sequences; no other sequence has an effect.
        """
        row, column, style = 0, 0, PLAIN
        for token in _TOKEN.finditer(frame):
            if token["row"]:
                row, column = int(token["row"]) - 1, int(token["column"]) - 1
            elif token["text"]:
                column += self._put(row, column, self._fitted(_harmless(token["text"])), style)
            elif token["style"] is not None:
                style = "" if token["style"] == "0" else token["style"]
        self._cursor = (row, column)

    def _put(self, row: int, column: int, text: str, style: str) -> int:
        """Have text in the cells of a line; return how many it takes."""
        cells = _cells(text)
        if row < len(self._wanted) and column < self._columns:
            line, stop = self._wanted[row], min(column + len(cells), self._columns)
            _break(line.texts, column)
            _break(line.texts, stop)
            line.texts[column:stop] = cells[: stop - column]
            if _PICTURED.isdisjoint(text):
                style = told_apart(style)
            blank = of_blank(style)
            line.styles[column:stop] = [blank if cell == _BLANK else style for cell in cells[: stop - column]]
            if stop - column < len(cells) and cells[stop - column] == _CONTINUED:
                line.texts[stop - 1] = _BLANK
            self._touched.add(row)
        return len(cells)

    # What is to be sent

    def take_touched(self) -> list[int]:
        """Return the lines that were drawn on since they were asked for last."""
        touched, self._touched = sorted(self._touched), set()
        return touched

    def changes(self, row: int) -> str:
        """Return what makes the terminal show a line as it is to be, and take that as done; nothing if it does."""
        if row >= len(self._wanted):
            return ""
        wanted, shown = self._wanted[row], self._shown[row]
        if wanted == shown:
            return ""
        parts = [f"\x1b[{row + 1}"]
        for place, (start, stop) in enumerate(_runs(wanted, shown)):
            parts.append(f"\x1b[{start + 1}G" if place else f";{start + 1}H")
            for text, style in _pieces(wanted, start, stop):
                if not text.isspace() or of_blank(self._style) != style:
                    parts.append(switch(self._style, style))
                    self._style = style
                parts.append(text)
        self._shown[row] = _Line(wanted.texts.copy(), wanted.styles.copy())
        return "".join(parts)

    def end(self) -> str:
        """Return what ends a frame: no particular way of drawing, and the terminal's cursor in its place.

        There an input method shows what is typed.
        """
        (row, column), style = self._cursor, self._style
        self._style = PLAIN
        return f"{switch(style, PLAIN)}\x1b[{row + 1};{column + 1}H"


def is_frame(data: str) -> bool:
    """Tell whether what is written to a terminal draws, as what begins with a place does; else it is a command."""
    return _FRAME.match(data) is not None


def _harmless(text: str) -> str:
    """Return a text without what could drive a terminal, wherever it came from."""
    if text.isprintable():
        return text
    return "".join("?" * get_character_cell_size(one) if category(one) in _DRIVING else one for one in text)


def _cells(text: str) -> list[str]:
    """Return a text by cells: a wide character takes two, and what has no width goes with what is before it."""
    if text.isascii():
        return list(text)
    cells: list[str] = []
    last = 0
    for character in text:
        size = get_character_cell_size(character)
        if size:
            last = len(cells)
            cells += [character, _CONTINUED][:size]
        elif cells:
            cells[last] += character
    width = cell_len(text)
    # Several characters may make one that is as wide as none of them.
    return cells if len(cells) == width else [text, *[_CONTINUED] * (width - 1)][: max(width, 0)]


def _break(texts: list[str], column: int) -> None:
    """Leave blanks of a wide character whose cells are parted before this column."""
    if column >= len(texts) or texts[column] != _CONTINUED:
        return
    start = column
    while start and texts[start] == _CONTINUED:
        start -= 1
    while column < len(texts) and texts[column] == _CONTINUED:
        column += 1
    texts[start:column] = [_BLANK] * (column - start)


def _runs(wanted: _Line, shown: _Line) -> Iterator[tuple[int, int]]:
    """Give from where to before where a line differs; what differs close to each other is one run."""
    texts, length = wanted.texts, len(wanted.texts)
    pairs = zip(texts, shown.texts, wanted.styles, shown.styles, strict=True)
    differing = [place for place, (new, old, style, before) in enumerate(pairs) if new != old or style != before]
    if not differing:
        return
    start = stop = differing[0]
    for place in [*differing, length + _NEAR + 1]:
        if place > stop + _NEAR:
            yield _whole(texts, start, stop)
            start = place
        stop = place + 1


def _whole(texts: list[str], start: int, stop: int) -> tuple[int, int]:
    """Return where a run begins and ends that holds whole characters."""
    while start and texts[start] == _CONTINUED:
        start -= 1
    while stop < len(texts) and texts[stop] == _CONTINUED:
        stop += 1
    return start, stop


def _pieces(line: _Line, start: int, stop: int) -> Iterator[tuple[str, str]]:
    """Give the text from a cell to before another, in pieces of one style each."""
    first = start
    for place in range(start + 1, stop + 1):
        if place == stop or line.styles[place] != line.styles[first]:
            yield "".join(line.texts[first:place]), line.styles[first]
            first = place
