"""Turn a cell into what a format can hold: exactly, with tags, or plainly, for reading.

The tags are those of tagged JSON (``recorder.layout``): ``{"$bytes": "<base64>"}`` for a blob,
``{"$text": "<base64>"}`` for text that is not UTF-8, ``{"$float": "inf"}`` for an infinity. SQLite stores no NaN, so
none is ever read.
"""

from __future__ import annotations

import base64
import json
import math
from typing import Any

from dbview.errors import OutputRefused
from dbview.text import cell_text, decode_escaped, visible
from dbview.values import Cell, Clipped, UndecodableText, Unreadable

UNREADABLE_TAG = "$unreadable"
"""Stands for a cell that the file no longer gives; its value says why. Not a value of tagged JSON."""


def exact_value(cell: Cell) -> Any:
    """Return a JSON value from which both value and storage class of the cell can be told."""
    match cell:
        case float() if not math.isfinite(cell):
            return {"$float": repr(cell)}
        case bytes():
            return {"$bytes": _base64(cell)}
        case UndecodableText(raw=raw):
            return {"$text": _base64(raw)}
        case Clipped() | Unreadable():
            return {UNREADABLE_TAG: _why_unreadable(cell)}
        case None | int() | float() | str():
            return cell


def plain_value(cell: Cell) -> Any:
    r"""Return a JSON value for people and simple programs: null, a number or text.

    A blob is its base64, an infinity the text ``inf`` or ``-inf``, text that is not UTF-8 has ``\xff`` for each byte
    that does not decode, and a cell that cannot be read is null.
    """
    match cell:
        case float() if not math.isfinite(cell):
            return repr(cell)
        case bytes():
            return _base64(cell)
        case UndecodableText(raw=raw):
            return decode_escaped(raw)
        case Clipped() | Unreadable():
            return None
        case None | int() | float() | str():
            return cell


def csv_field(cell: Cell, *, for_terminal: bool) -> str:
    """Return a field of a CSV line: NULL is nothing at all, empty text is ``""``; otherwise as :func:`plain_value`.

    Args:
        cell: The value.
        for_terminal: Replace what could drive a terminal; otherwise text is written as it is.
    """
    value = plain_value(cell)
    if value is None:
        return ""
    if not isinstance(value, str):
        return repr(value)
    text = visible(value) if for_terminal else value
    needs_quotes = not text or text[0].isspace() or text[-1].isspace() or any(mark in text for mark in ',"\n\r')
    return '"' + text.replace('"', '""') + '"' if needs_quotes else text


_LINE_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\0000"})


def line_field(cell: Cell) -> str:
    r"""Return a cell without any line break or tab, from which ``printf %b`` gives the value back.

    Backslash, line feed, carriage return, tab and NUL have a backslash in front (NUL is ``\0000``), a byte that is not
    UTF-8 is ``\xff``, and NULL is ``\N``; otherwise as :func:`plain_value`.
    """
    if isinstance(cell, UndecodableText):
        kept = cell.raw.decode("utf-8", "surrogateescape").translate(_LINE_ESCAPES)
        return decode_escaped(kept.encode("utf-8", "surrogateescape"))
    value = plain_value(cell)
    if value is None:
        return "\\N"
    return value.translate(_LINE_ESCAPES) if isinstance(value, str) else repr(value)


def exact_bytes(cell: Cell) -> bytes:
    """Return the very bytes of a text or blob; a number as it is written, and nothing for NULL.

    Raises:
        OutputRefused: The value holds a NUL, by which values are parted.
    """
    match cell:
        case bytes() | UndecodableText():
            raw = cell if isinstance(cell, bytes) else cell.raw
        case str():
            raw = cell.encode("utf-8", "surrogatepass")
        case _:
            value = plain_value(cell)
            raw = b"" if value is None else str(value).encode()
    if b"\0" in raw:
        raise OutputRefused("a value holds a NUL, which no list that is parted by NULs can have: use --format jsonl.")
    return raw


_MARKDOWN_ESCAPES = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_[]<>&~|"})


def markdown_field(cell: Cell) -> str:
    """Return a field of a Markdown table: the cell made visible on one line, none of it taken for markup."""
    return cell_text(cell).translate(_MARKDOWN_ESCAPES)


def json_text(value: Any, *, indent: int | None = None) -> str:
    """Return JSON in ASCII without any control character, so that it is safe on a terminal as well."""
    return json.dumps(value, allow_nan=False, indent=indent).replace("\x7f", "\\u007f")


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def _why_unreadable(cell: Clipped | Unreadable) -> str:
    return cell.reason if isinstance(cell, Unreadable) else "longer than can be read"
