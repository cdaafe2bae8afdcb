"""The values of cells as they come from a source: None, int, float, str, bytes, and the three that need a name."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]?inf(?:inity)?", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class UndecodableText:
    """Text whose bytes are not UTF-8."""

    raw: bytes


@dataclass(frozen=True, slots=True)
class Clipped:
    """The beginning of a text or blob that is longer than what was asked for.

    Attributes:
        start: The first characters or bytes.
        size: Length of the whole value in bytes; None where finding out would load it.
    """

    start: str | bytes | UndecodableText
    size: int | None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A cell that could not be read, and why (a damaged page, a value over the length limit)."""

    reason: str


Cell = None | int | float | str | bytes | UndecodableText | Clipped | Unreadable
"""What a cell may be. NULL is None."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a relation.

    Attributes:
        key: The row's stable key within its relation.
        cells: The values, in the order of the columns asked for.
    """

    key: int
    cells: tuple[Cell, ...]


def number_of(text: str) -> int | float | None:
    """Return the number a text spells, None if it spells none. Beyond 64 bits it is a float, as in SQLite."""
    if not _NUMBER.fullmatch(text):
        return None
    if text.lstrip("+-").isdigit() and len(text) < 25:
        whole = int(text)
        return whole if -(2**63) <= whole < 2**63 else float(whole)
    return float(text)


def decode_json(text: str) -> dict[str, Any] | list[Any] | None:
    """Return the object or array that a text spells, None if it spells none.

    A text whose tree would show less than it says (the same name twice in one object) or that nests too deeply counts
    as none, so that it is shown as it stands.
    """
    if text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        tree = json.loads(text, object_pairs_hook=_unique_names)
    except (ValueError, RecursionError):
        return None
    return tree if isinstance(tree, dict | list) else None


def _unique_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = dict(pairs)
    if len(names) != len(pairs):
        raise ValueError("a name occurs twice in one object")
    return names
