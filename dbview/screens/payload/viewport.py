"""Keep the part of a document that is on the screen: where it begins, what the cursor is on, what was found last."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from rich.cells import cell_len
from rich.style import Style

from dbview.payload.document import Document, Row, Span, Wanted, folding
from dbview.widgets.drawing import wrap

_NARROWEST = 12
"""Continued lines are indented only while this much room is left to them."""

_FOUND = Style(reverse=True)


class Drawn(NamedTuple):
    """One line of the screen."""

    spans: tuple[Span, ...]
    has_cursor: bool = False


class _Place(NamedTuple):
    """A line: the position of its row, and which of the lines that the row is wrapped into."""

    row: int
    piece: int = 0


class Viewport:
    """A document, and the lines of it that are on the screen. Methods may block: the document is read.

    Args:
        document: What is shown.
        width: Cells of a line.
        height: Lines.

    Attributes:
        wraps: True if rows wider than the screen go on on the next line.
        cursor: Position of the row that the cursor is on, where the document has one.
        words: What was looked for last; it is marked wherever it is on the screen.
    """

    def __init__(self, document: Document, width: int, height: int) -> None:
        self.document = document
        self.wraps = document.wraps
        self.cursor = 0
        self.words = ""
        self._found: int | None = None
        self._left = 0
        self._top = _Place(0)
        self.resize(width, height)

    def resize(self, width: int, height: int) -> None:
        """Take another size of the screen."""
        self._width = max(1, width)
        self._height = max(1, height - bool(self.document.header))
        self.document.fit(self._width, self._height)
        self._top = _Place(min(self._top.row, self.document.size))
        self._settle()

    # What is shown

    @property
    def share(self) -> float:
        """How much of the document is above or on the screen, from 0 to 1."""
        rows = self.document.rows(self._top.row, self._height)
        return min(1.0, rows[-1].stop / self.document.size) if rows and self.document.size else 1.0

    def header(self) -> Drawn | None:
        """Return the line that stays above the others."""
        header = self.document.header
        return Drawn(_cut(header, self._left, self._left + self._width)) if header else None

    def lines(self) -> list[Drawn]:
        """Return the lines on the screen, fewer at the end."""
        lines: list[Drawn] = []
        skip = self._top.piece
        for row in self.document.rows(self._top.row, self._height + 1):
            has_cursor = self.document.has_cursor and row.start == self.cursor
            for piece in self._pieces(row)[skip:]:
                lines.append(Drawn(_marked(piece, self.words), has_cursor))
            skip = 0
            if len(lines) >= self._height:
                break
        return lines[: self._height]

    # Moving

    def stay(self) -> None:
        """Stay where it is."""

    def go_to(self, row: int) -> None:
        """Put the cursor on the row that starts at a position."""
        self.cursor = row
        self._settle()

    def choose(self) -> object | None:
        """Choose the row that the cursor is on; return what is to be opened then, if anything."""
        chosen = self.document.choose(self.cursor) if self.document.size else None
        self._settle()
        return chosen

    def move(self, count: int) -> None:
        """Move the cursor, or scroll, by lines."""
        if not self.document.has_cursor:
            self._top = self._forward(self._top, count) if count > 0 else self._back(self._top, -count)
        elif count > 0:
            rows = self.document.rows(self.cursor, count + 1)
            self.cursor = rows[-1].start if rows else self.cursor
        else:
            rows = self.document.rows_before(self.cursor, -count)
            self.cursor = rows[0].start if rows else self.cursor
        self._settle()

    def page(self, count: int) -> None:
        """Move by pages."""
        self.move(count * max(1, self._height - 1))

    def to_start(self) -> None:
        """Go to the first row."""
        self._top, self.cursor, self._left = _Place(0), 0, 0

    def to_end(self) -> None:
        """Go to the last row."""
        last = self.document.rows_before(self.document.size, 1)
        self.cursor = last[0].start if last else 0
        self._top = _Place(self.document.size)
        self._settle()

    def sideways(self, steps: int) -> None:
        """Scroll to the side, half a screen a step, where rows are not wrapped."""
        if not self.wraps:
            rows = self.document.rows(self._top.row, self._height)
            widest = max((cell_len(row.text) for row in rows), default=0)
            most = max(self._left, widest - self._width // 2)
            self._left = max(0, min(self._left + steps * max(1, self._width // 2), most))

    def set_wraps(self, wraps: bool) -> None:
        """Wrap rows, or do not."""
        self.wraps, self._left, self._top = wraps, 0, _Place(self._top.row)
        self._settle()

    def find(self, words: str, wanted: Wanted, *, backwards: bool = False, again: bool = False) -> bool:
        """Go to the next row that holds words; return False if there is none in that direction.

        Args:
            words: What to look for.
            wanted: Asked now and then whether the result is still wanted.
            backwards: Look before, not behind.
            again: Begin behind what was found last, not with what is on the screen.
        """
        self.words = words
        start = self.cursor if self.document.has_cursor else self._top.row
        if again and self._found is not None and self._is_shown(self._found):
            start = self._found
        if again and not backwards:
            rows = self.document.rows(start, 1)
            start = rows[0].stop if rows else start
        found = self.document.find(words, start, backwards=backwards, wanted=wanted)
        if found is None:
            return False
        self._found = self.cursor = found
        if not self._is_shown(found):
            self._top = self._back(_Place(found), self._height // 3)
        self._settle()
        return True

    # Inside

    def _is_shown(self, position: int) -> bool:
        return any(row.start == position for row in self._rows_shown())

    def _rows_shown(self) -> list[Row]:
        """Return the rows of which something is on the screen."""
        rows, room = [], self._height + self._top.piece
        for row in self.document.rows(self._top.row, self._height):
            if room <= 0:
                break
            rows.append(row)
            room -= len(self._pieces(row))
        return rows

    def _settle(self) -> None:
        """Keep the cursor on the screen, and the screen filled."""
        if self.document.has_cursor:
            self.cursor = max(0, min(self.cursor, self.document.size - 1))
            if self.cursor < self._top.row:
                self._top = _Place(self.cursor)
            elif self.cursor >= self._top.row + self._height:
                self._top = _Place(self.cursor - self._height + 1)
        self._top = min(self._top, self._back(_Place(self.document.size), self._height))

    def _forward(self, place: _Place, count: int) -> _Place:
        """Return the line so many lines further; at most the end."""
        count += place.piece
        for row in self.document.rows(place.row, count + 1):
            pieces = len(self._pieces(row))
            if count < pieces:
                return _Place(row.start, count)
            count -= pieces
        return _Place(self.document.size)

    def _back(self, place: _Place, count: int) -> _Place:
        """Return the line so many lines before; at most the beginning."""
        if count <= place.piece:
            return _Place(place.row, place.piece - count)
        count -= place.piece
        for row in reversed(self.document.rows_before(place.row, count)):
            pieces = len(self._pieces(row))
            if count <= pieces:
                return _Place(row.start, pieces - count)
            count -= pieces
        return _Place(0)

    def _pieces(self, row: Row) -> list[tuple[Span, ...]]:
        """Return the lines that a row takes."""
        if not self.wraps:
            return [_cut(row.spans, self._left, self._left + self._width)]
        text = row.text
        # No character takes more than two cells.
        if len(text) * 2 <= self._width or cell_len(text) <= self._width:
            return [row.spans]
        indent = row.indent if self._width - row.indent >= _NARROWEST else 0
        pieces, start = [], 0
        for part in wrap(text, self._width, self._width - indent, indent):
            spans = _part(row.spans, start, start + len(part))
            pieces.append(((" " * indent, ""), *spans) if start else spans)
            start += len(part)
        return pieces


def _part(spans: Iterable[Span], start: int, stop: int) -> tuple[Span, ...]:
    """Return the spans of the characters from start to before stop."""
    found: list[Span] = []
    place = 0
    for text, tone in spans:
        part = text[max(0, start - place) : max(0, stop - place)]
        if part:
            found.append((part, tone))
        place += len(text)
    return tuple(found)


def _cut(spans: Iterable[Span], left: int, right: int) -> tuple[Span, ...]:
    """Return what stands in the cells from left to before right; half of a wide character is a blank."""
    found: list[Span] = []
    place = 0
    for text, tone in spans:
        if place >= right:
            break
        width = cell_len(text)
        if place + width > left:
            shown = _cells(text, left - place, right - place)
            if shown:
                found.append((shown, tone))
        place += width
    return tuple(found)


def _cells(text: str, left: int, right: int) -> str:
    if text.isascii():
        return text[max(0, left) : right]
    shown, place, is_whole = list[str](), 0, False
    for character in text:
        width = cell_len(character)
        if not width:
            # A mark on the character before it.
            shown += [character] if is_whole else []
            continue
        if place >= right:
            break
        is_whole = place >= left and place + width <= right
        if is_whole:
            shown.append(character)
        elif place + width > left:
            shown.append(" ")
        place += width
    return "".join(shown)


def _marked(spans: tuple[Span, ...], words: str) -> tuple[Span, ...]:
    """Return spans in which the words that were looked for stand out."""
    if not words:
        return spans
    fold = folding(words)
    marked: list[Span] = []
    for text, tone in spans:
        folded, start = fold(text), 0
        # Where folding changes the length, places do not fit.
        while len(folded) == len(text) and (place := folded.find(words, start)) >= 0:
            marked += [(text[start:place], tone), (text[place : place + len(words)], _FOUND)]
            start = place + len(words)
        marked.append((text[start:], tone))
    return tuple(marked)
