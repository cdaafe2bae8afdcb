"""Make any value safe and readable on a terminal. Whatever is shown passes through :func:`visible`."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime

from dbview.values import Cell, Clipped, UndecodableText, Unreadable

NULL = "∅"
"""Shown for NULL."""

ELLIPSIS = "…"

_NAMED = {"\n": "⏎", "\t": "→", "\r": "␍", "\x7f": "␡"}


def visible(text: str) -> str:
    r"""Return text in which every character that could drive a terminal is replaced by a visible form.

    Control characters become their pictures (ESC is ␛, line feed ⏎, tab →); C1 controls, bidirectional marks, lone
    surrogates and other characters without a picture of their own become ``\x9b``, ``\u202e`` and so on. The result
    is one line, and every character of it is printable.
    """
    if text.isprintable():
        return text
    return "".join(map(_visible_character, text))


def _visible_character(character: str) -> str:
    if character.isprintable():
        return character
    if character in _NAMED:
        return _NAMED[character]
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    if unicodedata.category(character) == "Zs":
        return " "
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def visible_lines(text: str) -> list[str]:
    """Return the lines of a text, each made visible, tabs expanded to eight columns."""
    return [visible(line.expandtabs(8)) for line in text.replace("\r\n", "\n").split("\n")]


def decode_escaped(raw: bytes) -> str:
    r"""Return text for bytes that are not UTF-8: what decodes is kept, other bytes are written ``\xff``."""
    return raw.decode("utf-8", "backslashreplace")


def cell_text(cell: Cell) -> str:
    """Return a cell's text for one line: numbers as stored, NULL as ∅, blobs by kind and size. Always visible."""
    match cell:
        case None:
            return NULL
        case bool() | int() | float():
            return repr(cell)
        case str():
            return visible(cell)
        case bytes():
            return blob_text(cell, len(cell))
        case UndecodableText(raw=raw):
            return visible(decode_escaped(raw))
        case Clipped(start=bytes() as start, size=size):
            return blob_text(start, size)
        case Clipped(start=start):
            return cell_text(start) + ELLIPSIS
        case Unreadable(reason=reason):
            return f"unreadable: {visible(reason)}"


def blob_text(start: bytes, size: int | None) -> str:
    """Return one line for a blob: its size and first bytes in hexadecimal."""
    amount = size_text(size) if size is not None else "large"
    return f"blob {amount} {start[:16].hex(' ')}{ELLIPSIS if size is None or size > 16 else ''}".rstrip()


def moment_text(moment: str) -> str:
    """Return an ISO date and time as ``2024-02-14 16:28:08 UTC``; text that is none, or names no zone, as it stands."""
    try:
        parsed = datetime.fromisoformat(moment)
        if parsed.tzinfo is None:
            return visible(moment)
        return parsed.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "seconds") + " UTC"
    except (ValueError, OverflowError):  # overflow: its zone takes it beyond the years there are
        return visible(moment)


def duration_text(seconds: float) -> str:
    """Return a duration in its two largest units: ``40 ms``, ``1.5 s``, ``3 min 20 s``, ``2 h 5 min``, ``1 d 3 h``."""
    if seconds < 1:
        return f"{round(seconds * 1000)} ms"
    if seconds < 60 and round(seconds, 1) < 60:
        return f"{seconds:.1f} s"
    parts = []
    left = round(seconds)
    for length, unit in ((86400, "d"), (3600, "h"), (60, "min"), (1, "s")):
        parts.append((left // length, unit))
        left %= length
    first = next(place for place, (amount, _unit) in enumerate(parts) if amount)
    return " ".join(f"{amount} {unit}" for amount, unit in parts[first : first + 2] if amount)


_UNITS = ("KiB", "MiB", "GiB", "TiB")


def size_text(size: int) -> str:
    """Return a size in bytes for people, in powers of 1024: ``512 B``, ``1.5 KiB``, ``20 MiB``."""
    if size < 1024:
        return f"{size} B"
    power = min(len(_UNITS), (size.bit_length() - 1) // 10)
    amount, unit = size / 1024**power, _UNITS[power - 1]
    return f"{amount:.1f} {unit}" if amount < 10 else f"{amount:.0f} {unit}"
