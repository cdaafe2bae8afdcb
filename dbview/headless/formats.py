"""Write rows in the formats of the headless commands."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TextIO

from dbview.headless.cells import csv_field, exact_bytes, json_text, line_field, markdown_field
from dbview.text import ELLIPSIS, cell_text, visible
from dbview.values import Cell

LINES, NULL_SEPARATED = "lines", "null"
"""A row a line, and each value ended by a NUL: for a shell."""

FORMATS = ("table", "json", "jsonl", "csv", "markdown", LINES)
"""What ``--format`` takes where rows are written; ``--null`` asks for :data:`NULL_SEPARATED`."""

STREAMED = frozenset({"json", "jsonl", "csv", LINES, NULL_SEPARATED})
"""Formats that are written row by row, for programs; the others are for people and end after some rows."""

Rows = Iterable[Sequence[Cell]]

_WIDEST = 40
"""Terminal cells that one cell of a table takes at most."""
_GAP = "  "


def write_json(out: TextIO, objects: Iterable[dict[str, Any]]) -> None:
    """Write an array with one object a line."""
    separator = "[\n"
    for value in objects:
        out.write(separator + json_text(value))
        separator = ",\n"
    out.write("[]\n" if separator == "[\n" else "\n]\n")


def write_jsonl(out: TextIO, objects: Iterable[dict[str, Any]]) -> None:
    """Write one object a line."""
    for value in objects:
        out.write(json_text(value) + "\n")


def write_csv(out: TextIO, headings: Sequence[str], rows: Rows) -> None:
    """Write comma-separated values under a line of headings.

    A line of one empty field would be an empty line, which readers skip: it is written ``""`` (so that, in a single
    column only, NULL and empty text look alike).
    """
    for_terminal = out.isatty()
    out.write(_csv_line([csv_field(heading, for_terminal=for_terminal) for heading in headings]))
    for row in rows:
        out.write(_csv_line([csv_field(cell, for_terminal=for_terminal) for cell in row]))


def _csv_line(fields: Sequence[str]) -> str:
    return (",".join(fields) or '""') + "\n"


def write_lines(out: TextIO, rows: Rows) -> None:
    """Write a row a line without headings, the values parted by tabs."""
    for_terminal = out.isatty()
    for row in rows:
        fields = map(line_field, row)
        out.write("\t".join(map(visible, fields) if for_terminal else fields) + "\n")


def write_null_separated(out: TextIO, rows: Rows) -> None:
    """Write the very bytes of each value, and a NUL behind each; to a terminal made visible.

    Raises:
        OutputRefused: A value holds a NUL.
    """
    if out.isatty():
        for row in rows:
            out.write("".join(f"{visible(exact_bytes(cell).decode('utf-8', 'backslashreplace'))}\0" for cell in row))
        return
    # What is text in a database need not be text in any encoding.
    out.flush()
    for row in rows:
        out.buffer.write(b"".join(exact_bytes(cell) + b"\0" for cell in row))


def write_markdown(out: TextIO, headings: Sequence[str], rows: Rows) -> None:
    """Write a table as Markdown has it; every value on one line."""
    out.write(_markdown_line(headings))
    out.write(f"|{' --- |' * len(headings)}\n")
    for row in rows:
        out.write(_markdown_line(row))


def _markdown_line(cells: Sequence[Cell]) -> str:
    return f"| {' | '.join(map(markdown_field, cells))} |\n"


def write_table(out: TextIO, headings: Sequence[str], rows: Rows, *, whole: bool = False) -> int:
    """Write aligned columns for reading, numbers to the right.

    Long values are cut, and to a terminal only as many columns are written as fit its width; but not if it is to be
    ``whole``.

    Returns:
        The number of columns written.
    """
    # Only here: knowing how wide a character is takes a module that no other format needs.
    from rich.cells import cell_len

    lines = list(rows)
    texts = [[visible(heading) for heading in headings], *([cell_text(cell) for cell in row] for row in lines)]
    widths = [max(map(cell_len, column)) for column in zip(*texts, strict=True)]
    shown = len(widths)
    if not whole:
        widths = [min(_WIDEST, width) for width in widths]
        shown = _columns_that_fit(widths, shutil.get_terminal_size().columns) if out.isatty() else shown
    numeric = [_is_numeric(lines, place) for place in range(shown)]
    texts.insert(1, ["─" * width for width in widths])
    for line in texts:
        fields = (_fit(text, width, right) for text, width, right in zip(line, widths, numeric, strict=False))
        out.write(_GAP.join(fields).rstrip() + "\n")
    return shown


def _columns_that_fit(widths: Sequence[int], room: int) -> int:
    used = 0
    for place, width in enumerate(widths):
        used += width + (len(_GAP) if place else 0)
        if used > room:
            return max(1, place)
    return len(widths)


def _is_numeric(rows: Sequence[Sequence[Cell]], place: int) -> bool:
    cells = [row[place] for row in rows if row[place] not in (None, "")]
    return bool(cells) and all(isinstance(cell, int | float) for cell in cells)


def _fit(text: str, width: int, right: bool) -> str:
    from rich.cells import cell_len, set_cell_size

    if cell_len(text) > width:
        return set_cell_size(text, width - 1) + ELLIPSIS
    blank = " " * (width - cell_len(text))
    return blank + text if right else text + blank


def write_rows(
    form: str,
    out: TextIO,
    headings: Sequence[str],
    rows: Rows,
    to_json: Callable[[Cell], Any],
    *,
    whole: bool = False,
) -> int:
    """Write rows in one of the formats.

    Args:
        form: Which.
        out: Where to write.
        headings: A name for each column, no two alike.
        rows: The cells, in the order of the headings.
        to_json: What the JSON formats write for a cell.
        whole: Cut no value and leave no column out of a table.

    Returns:
        The number of columns written; less than there are only for a table that was cut to a terminal's width.
    """
    if form in ("json", "jsonl"):
        write = write_json if form == "json" else write_jsonl
        write(out, (dict(zip(headings, map(to_json, row), strict=True)) for row in rows))
    elif form == "csv":
        write_csv(out, headings, rows)
    elif form == LINES:
        write_lines(out, rows)
    elif form == NULL_SEPARATED:
        write_null_separated(out, rows)
    elif form == "markdown":
        write_markdown(out, headings, rows)
    else:
        return write_table(out, headings, rows, whole=whole)
    return len(headings)
