"""Put rows in the order of some columns' values.

Numbers come first, by value, a text that spells one among them; then other texts, letter case ignored; then blobs. NULL
is last in either direction, and rows that are equal keep their natural order.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from typing import Any, cast

from dbview.query.relation import Column, Relation
from dbview.query.resolve import number_of
from dbview.source.functions import fold
from dbview.source.reader import Reader
from dbview.source.rows import clipped
from dbview.text import decode_escaped
from dbview.values import Cell, UndecodableText

_TEXT_START = 1_000
"""Characters of a text that decide its place."""

SortValue = int | float | str | bytes | None
Sort = Sequence[tuple[Column, bool]]
"""Columns to sort by, the first decides, each with whether it descends."""


class Sorter:
    """Collects keys with the values to sort by.

    Args:
        reader: Looks up joined columns.
        relation: The relation being sorted.
        sort: What to sort by; nothing keeps the order in which rows are added.
    """

    def __init__(self, reader: Reader, relation: Relation, sort: Sort) -> None:
        self._reader = reader
        self._sort = sort
        self._keys: array[int] = array("q")
        self._values: list[list[SortValue]] = [[] for _ in sort]
        self._shared: dict[Column, dict[Cell, SortValue]] = {column: {} for column, _ in sort if column.via}

    def selected(self) -> list[str]:
        """Return the SQL expressions whose values :meth:`add` wants behind each key."""
        return [clipped(column.via.key if column.via else column.name, _TEXT_START) for column, _ in self._sort]

    def add(self, rows: Iterable[Sequence[Any]]) -> None:
        """Add rows: a key and the values of the expressions selected, in natural order."""
        rows = list(rows)
        self._keys.extend(row[0] for row in rows)
        for place, (column, _) in enumerate(self._sort):
            cells = [row[place + 1] for row in rows]
            if column.via:
                self._look_up(column, cells)
                known = self._shared[column]
                self._values[place].extend(known.get(cell) if isinstance(cell, int) else None for cell in cells)
            else:
                self._values[place].extend(map(_sort_value, cells))

    def __len__(self) -> int:
        """The number of rows added."""
        return len(self._keys)

    def keys(self) -> array[int]:
        """Return the keys added so far, in order. Without a sort this array grows as rows are added."""
        if not self._sort:
            return self._keys
        places: Sequence[int] = range(len(self._keys))
        for values, (_, descending) in reversed(list(zip(self._values, self._sort, strict=True))):
            places = _sorted_places(places, values, descending)
        return array("q", map(self._keys.__getitem__, places))

    def _look_up(self, column: Column, cells: Sequence[Cell]) -> None:
        known, via = self._shared[column], column.via
        wanted = {cell for cell in cells if isinstance(cell, int) and cell not in known}
        if via and wanted:
            found = self._reader.shared_cells(via, wanted)
            known.update({key: _sort_value(cell) for key, cell in found.items()})


def _sort_value(cell: Cell) -> SortValue:
    if isinstance(cell, UndecodableText):
        cell = decode_escaped(cell.raw)
    if isinstance(cell, str):
        number = number_of(cell.strip())
        return fold(cell) if number is None else number
    return cell if isinstance(cell, int | float | bytes) else None


def _sorted_places(places: Sequence[int], values: Sequence[SortValue], descending: bool) -> list[int]:
    """Return the places sorted by their values, one kind of value after the other; stable."""
    kinds: dict[type, list[int]] = {float: [], str: [], bytes: [], type(None): []}
    for place in places:
        value = values[place]
        kinds[float if isinstance(value, int) else type(value)].append(place)
    nulls = kinds.pop(type(None))
    # Values of one kind compare with one another, which their common type cannot say.
    value_at = cast("Callable[[int], float]", values.__getitem__)
    for kind in kinds.values():
        kind.sort(key=value_at, reverse=descending)
    ordered = reversed(kinds.values()) if descending else kinds.values()
    return [place for kind in ordered for place in kind] + nulls
