"""Show bytes as hexadecimal and visible ASCII."""

from __future__ import annotations

from collections.abc import Iterator

from dbview.payload.content import Content
from dbview.payload.document import Document, Row, Wanted
from dbview.payload.text_lines import find_bytes

BYTES_A_LINE = 16
"""Makes a line of 78 characters, which fits a terminal of 80."""


def hex_lines(raw: bytes, start: int = 0) -> Iterator[str]:
    """Yield one line for each 16 bytes: offset, the bytes in two groups of eight, their ASCII.

    Args:
        raw: The bytes to show.
        start: Offset of the first of them in the whole value.
    """
    for place in range(0, len(raw), BYTES_A_LINE):
        line = raw[place : place + BYTES_A_LINE]
        left, right = line[:8].hex(" "), line[8:].hex(" ")
        ascii_text = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in line)
        yield f"{start + place:08x}  {left:<23}  {right:<23}  |{ascii_text}|"


class HexDocument(Document):
    """Bytes, sixteen to a row, under a ruler; positions are offsets of bytes."""

    def __init__(self, content: Content, note: str = "") -> None:
        self._content = content
        self.size = content.size
        self.note = note
        ruler = [" ".join(f"{place:2x}" for place in half) for half in (range(8), range(8, BYTES_A_LINE))]
        self.header = ((f" {'':8}  {ruler[0]}  {ruler[1]}", "dim"),)

    def rows(self, start: int, count: int) -> list[Row]:
        """Return the rows from an offset on."""
        raw = self._content.read(start, count * BYTES_A_LINE)
        places = range(start, start + len(raw), BYTES_A_LINE)
        return [
            Row(place, place + BYTES_A_LINE, ((f" {line[:8]}", "dim"), (line[8:], "")))
            for place, line in zip(places, hex_lines(raw, start), strict=True)
        ]

    def rows_before(self, stop: int, count: int) -> list[Row]:
        """Return the rows before an offset."""
        # Behind the last row, which may be shorter, the position is that of the end.
        stop = -(-stop // BYTES_A_LINE) * BYTES_A_LINE
        start = max(0, stop - count * BYTES_A_LINE)
        return self.rows(start, (stop - start) // BYTES_A_LINE)

    def find(self, words: str, start: int, *, backwards: bool, wanted: Wanted) -> int | None:
        """Search for text, or for the bytes that ``0x`` and hexadecimal digits spell."""
        place = find_bytes(self._content, _needle(words), start, backwards=backwards, wanted=wanted)
        return None if place is None else place // BYTES_A_LINE * BYTES_A_LINE


def _needle(words: str) -> bytes:
    try:
        return bytes.fromhex(words[2:]) if words.startswith("0x") else words.encode("utf-8", "replace")
    except ValueError:
        return words.encode("utf-8", "replace")
