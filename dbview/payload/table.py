"""Show delimited text as a table: the delimiter guessed from its beginning, a record for each line."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len, set_cell_size

from dbview.payload.content import Content, Memory, Part
from dbview.payload.document import Span
from dbview.payload.text_lines import TextLines
from dbview.text import ELLIPSIS, visible

DELIMITERS = ",\t;|"
"""What may stand between fields, the likeliest first."""

_SAMPLE = 64 * 1024
_SAMPLE_RECORDS = 500
_END = 4 * 1024
_JOINED = 4 * 1024 * 1024
"""Bytes up to which a field may hold line breaks: to know where records begin, all of it has to be read."""

_WIDEST = 40
_LINE_BREAK = "\x1e"
"""Stands for a line break inside a field while records are lines; drawn as one."""


class TableLines(TextLines):
    """Delimited text, a row for each record, columns below each other.

    Args:
        content: The text.
        delimiter: What stands between fields.
    """

    wraps: ClassVar[bool] = False

    def __init__(self, content: Content, delimiter: str) -> None:
        super().__init__(_with_joined_records(content) if content.size <= _JOINED else content)
        self._delimiter = delimiter
        sample = [self._fields(line) for line in _sample_lines(self.content)[:_SAMPLE_RECORDS]]
        self._numeric = _numeric_columns(sample[1:])
        self._widths = _widths([*sample, *map(self._fields, _last_lines(self.content))])
        has_header = bool(sample) and not any(map(_is_number, sample[0]))
        if has_header:
            self.header = self._drawn(sample[0], "heading")
            first = self.rows(0, 1)[0].stop
            self.content = Part(self.content, first, self.content.size - first)
            self.size = self.content.size
        self.note = f"{len(self._widths)} columns"

    def spans(self, line: str) -> tuple[Span, ...]:
        """Return the fields of a record, numbers at the right of their columns."""
        return self._drawn(self._fields(line), "")

    def _fields(self, line: str) -> list[str]:
        try:
            fields = next(csv.reader([line], delimiter=self._delimiter), [])
        except csv.Error:
            # A field longer than the reader takes.
            fields = line.split(self._delimiter)
        return [visible(field.replace(_LINE_BREAK, "\n")) for field in fields]

    def _drawn(self, fields: Sequence[str], tone: str) -> tuple[Span, ...]:
        spans: list[Span] = []
        for place, field in enumerate(fields):
            width = self._widths[place] if place < len(self._widths) else cell_len(field)
            is_number = place < len(self._numeric) and self._numeric[place]
            spans.append((f" {_padded(field, width, right=is_number)} ", tone))
        return tuple(spans)


def guess_delimiter(start: str) -> str | None:
    """Return what stands between the fields of text, None if it does not look like a table.

    It looks like one if at least two lines are there and all of them have the same number of fields, two or more.
    """
    lines = [line for line in start.split("\n") if line.strip()][:50]
    if len(lines) < 2:
        return None
    for delimiter in DELIMITERS:
        try:
            counts = {len(fields) for fields in csv.reader(lines, delimiter=delimiter) if fields}
        except csv.Error:
            continue
        if len(counts) == 1 and counts.pop() > 1:
            return delimiter
    return None


def _with_joined_records(content: Content) -> Memory:
    """Return text in which line breaks inside quotes are no line breaks, so that a line is a record."""
    records: list[bytes] = []
    is_inside = False
    for line in content.read(0, _JOINED).split(b"\n"):
        if is_inside:
            records[-1] += _LINE_BREAK.encode() + line
        else:
            records.append(line)
        is_inside ^= line.count(b'"') % 2 == 1
    # A quote that is never closed would make the rest one record.
    return Memory(content.read(0, _JOINED) if is_inside else b"\n".join(records))


def _sample_lines(content: Content) -> list[str]:
    lines = content.read(0, _SAMPLE).decode("utf-8", "backslashreplace").split("\n")
    # The last one may be cut, or is what follows the last line feed: nothing.
    return [line.removesuffix("\r") for line in (lines[:-1] if len(lines) > 1 else lines)]


def _last_lines(content: Content) -> list[str]:
    """Return lines at the end, where a counter is at its longest; the first of what was read may be cut."""
    start = max(0, content.size - _END)
    lines = content.read(start, _END).decode("utf-8", "backslashreplace").split("\n")
    return [line.removesuffix("\r") for line in lines[1:]]


def _is_number(field: str) -> bool:
    try:
        float(field)
    except ValueError:
        return False
    return True


def _numeric_columns(records: Sequence[Sequence[str]]) -> list[bool]:
    count = max(map(len, records), default=0)
    columns = [[record[place] for record in records if place < len(record) and record[place]] for place in range(count)]
    return [bool(column) and all(map(_is_number, column)) for column in columns]


def _widths(records: Sequence[Sequence[str]]) -> list[int]:
    count = max(map(len, records), default=0)
    widths = [[cell_len(record[place]) for record in records if place < len(record)] for place in range(count)]
    return [min(_WIDEST, max(column, default=0)) for column in widths]


def _padded(text: str, width: int, *, right: bool) -> str:
    length = cell_len(text)
    if length > width:
        return set_cell_size(text, max(0, width - 1)) + ELLIPSIS
    return " " * (width - length) + text if right else text + " " * (width - length)
