"""Find the rows of a View by their position, without holding them."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from dbview.query.relation import Column, Relation
from dbview.source.reader import Reader
from dbview.source.rows import KeyRange
from dbview.values import Row

MARK_ROWS = 10_000
"""Rows between two known places of the natural order."""


class Order(Protocol):
    """The rows of a View by position, 0 being the first. A snapshot: it stays as it is, whatever is scanned later."""

    @property
    def length(self) -> int:
        """Number of rows known so far; an upper estimate if not :attr:`exact`."""

    @property
    def exact(self) -> bool:
        """True if :attr:`length` is a count, not an estimate."""

    def rows(self, reader: Reader, columns: Sequence[Column], start: int, stop: int, *, clip: bool = True) -> list[Row]:
        """Return the rows at positions ``start`` to ``stop`` (not included). Rows that are gone are left out."""

    def position_of(self, reader: Reader, key: int) -> int | None:
        """Return the position of a key, None if it is not (yet) among the rows."""


@dataclass(frozen=True, slots=True)
class NaturalOrder:
    """All rows, newest first. Places are found from marks, so memory hardly grows with the number of rows.

    Attributes:
        marks: Upper ends of the keys at positions 0, MARK_ROWS, 2 * MARK_ROWS ..., as far as the count has come.
    """

    relation: Relation
    bounds: KeyRange
    marks: Sequence[int]
    length: int
    exact: bool

    def rows(self, reader: Reader, columns: Sequence[Column], start: int, stop: int, *, clip: bool = True) -> list[Row]:
        """Return the rows at these positions, found from the nearest mark before them."""
        place = min(start // MARK_ROWS, len(self.marks) - 1)
        below, skip = self.marks[place], start - place * MARK_ROWS
        return reader.newest(self.relation, columns, max(0, stop - start), below=below, skip=skip, clip=clip)

    def position_of(self, reader: Reader, key: int) -> int | None:
        """Return the position of a key, counted from the mark before it."""
        if not self.bounds.low <= key <= self.bounds.high or not reader.count(self.relation, KeyRange(key, key)):
            return None
        place = bisect_right(self.marks, -key, key=lambda mark: -mark) - 1
        return place * MARK_ROWS + reader.count(self.relation, KeyRange(key, self.marks[place])) - 1


@dataclass(frozen=True, slots=True)
class KeyOrder:
    """Rows known by their keys, eight bytes each. ``keys`` may grow behind ``length``; what is before it stays."""

    relation: Relation
    keys: array[int]
    length: int
    exact: bool = True

    def rows(self, reader: Reader, columns: Sequence[Column], start: int, stop: int, *, clip: bool = True) -> list[Row]:
        """Return the rows of the keys at these positions."""
        return reader.rows(self.relation, columns, self.keys[start : min(stop, self.length)], clip=clip)

    def position_of(self, reader: Reader, key: int) -> int | None:
        """Return where a key stands among the keys."""
        try:
            return self.keys.index(key, 0, self.length)
        except ValueError:
            return None
