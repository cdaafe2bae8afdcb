"""Show text of any length: lines are found from any place on, forwards and backwards, without counting those before.

A row ends behind a line feed. So that a line of a gigabyte is rows as well, one also ends wherever a block of
:data:`BLOCK` bytes, counted from the beginning, holds no line feed. Whether a row begins at a place can so be told from
the block before it alone.
"""

from __future__ import annotations

from typing import ClassVar

from dbview.payload.content import Content
from dbview.payload.document import Document, Row, Span, Wanted
from dbview.text import decode_escaped, visible

BLOCK = 8 * 1024
"""No row is longer than two of these, in bytes."""

_SEARCHED = 4 * 1024 * 1024
"""Bytes that are searched at once."""

_LINE_FEED = b"\n"


class TextLines(Document):
    """Text, a row for each line; positions are offsets of bytes."""

    wraps: ClassVar[bool] = True

    def __init__(self, content: Content) -> None:
        self.content = content
        self.size = content.size

    def rows(self, start: int, count: int) -> list[Row]:
        """Return the rows from an offset on at which one begins."""
        rows: list[Row] = []
        while len(rows) < count and start < self.size:
            raw = self.content.read(start, _longest(start))
            if not raw:
                # The file was cut meanwhile.
                break
            place = raw.find(_LINE_FEED)
            stop = start + (len(raw) if place < 0 else place + 1)
            rows.append(Row(start, stop, self.spans(self._line(start, raw[: stop - start]))))
            start = stop
        return rows

    def rows_before(self, stop: int, count: int) -> list[Row]:
        """Return the rows before an offset at which one begins."""
        rows: list[Row] = []
        while len(rows) < count and stop > 0:
            start = self.start_of(stop - 1)
            rows += self.rows(start, 1) or [Row(start, stop, ())]
            stop = start
        return rows[::-1]

    def start_of(self, position: int) -> int:
        """Return where the row begins that the byte at an offset is in."""
        block = position // BLOCK * BLOCK
        low = max(0, block - BLOCK)
        place = self.content.read(low, position - low).rfind(_LINE_FEED)
        return block if place < 0 else low + place + 1

    def find(self, words: str, start: int, *, backwards: bool, wanted: Wanted) -> int | None:
        """Search the bytes; capitals (of ASCII) count only if the words have some."""
        needle = words.encode("utf-8", "replace")
        place = find_bytes(self.content, needle, start, backwards=backwards, wanted=wanted)
        return None if place is None else self.start_of(place)

    def spans(self, line: str) -> tuple[Span, ...]:
        """Return how a line, without its end and not yet visible, is drawn."""
        return ((visible(line.expandtabs(8)), ""),)

    def _line(self, start: int, raw: bytes) -> str:
        """Return a row's text without the end of the line; a character that a row's end cuts belongs to the first."""
        if raw.endswith(_LINE_FEED):
            raw = raw.removesuffix(_LINE_FEED).removesuffix(b"\r")
        elif (stop := start + len(raw)) < self.size:
            raw += _continuation(self.content.read(stop, 3))
        if start and start % BLOCK == 0 and self.content.read(start - 1, 1) != _LINE_FEED:
            raw = raw[len(_continuation(raw[:3])) :]
        return decode_escaped(raw)


def _longest(start: int) -> int:
    return BLOCK - start % BLOCK + (BLOCK if start % BLOCK else 0)


def _continuation(raw: bytes) -> bytes:
    """Return the bytes at the beginning that can only be the rest of a UTF-8 character."""
    length = next((place for place, byte in enumerate(raw) if byte & 0xC0 != 0x80), len(raw))
    return raw[:length]


def find_bytes(content: Content, needle: bytes, start: int, *, backwards: bool, wanted: Wanted) -> int | None:
    """Return the offset of the first place from ``start`` on, or the last one before it, that holds bytes.

    Letters of ASCII are alike in either case unless ``needle`` has capitals. Only a few megabytes are held at once.
    """
    exact = needle != needle.lower()
    overlap = max(0, len(needle) - 1)
    stop = start
    while needle and wanted() and (stop > 0 if backwards else start < content.size):
        if backwards:
            start = max(0, stop - _SEARCHED)
            raw = content.read(start, stop - start + overlap)
        else:
            raw = content.read(start, _SEARCHED + overlap)
        raw = raw if exact else raw.lower()
        place = raw.rfind(needle, 0, stop - start + overlap) if backwards else raw.find(needle)
        if place >= 0:
            return start + place
        if backwards:
            stop = start
        else:
            start += _SEARCHED
    return None
