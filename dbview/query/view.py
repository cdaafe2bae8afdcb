"""The one immutable description of what is being looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class SortKey:
    """Sort by one column."""

    column: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class View:
    """What a screen shows, a link names and an export writes: every one of them is a function of a View.

    Attributes:
        relation: Name of the relation.
        filter: Filter text as typed (``docs/filters.md``); empty for all rows.
        sort: Sort keys, the first decides; empty for the natural order, newest first.
        columns: Columns to show, in order; None for the relation's own choice.
        position: Key of the row the cursor is on; None for the first.
    """

    relation: str
    filter: str = ""
    sort: tuple[SortKey, ...] = ()
    columns: tuple[str, ...] | None = None
    position: int | None = None


class EntryPlace(NamedTuple):
    """Which entry, or row of any other relation: the one with a key."""

    relation: str
    key: int
