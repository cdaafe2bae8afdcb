"""Find out which columns tell nothing: those that hold nothing, or the same in every row."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import NamedTuple

from dbview.query.relation import Column, Relation
from dbview.source.reader import Reader
from dbview.values import Cell, Clipped, Row, Unreadable

MOST_ROWS = 10_000
"""Rows that are looked at, the newest ones."""

SECONDS = 0.02
"""How long is looked: meanwhile the first rows are not shown."""

_CELLS_A_READ = 20_000
_FEWEST_ROWS_A_READ = 16
_NEW_ROWS = 200


class Uniform(NamedTuple):
    """The columns that hold the same in all rows looked at.

    Attributes:
        values: What each holds; None for one that is empty. A single row makes no column constant.
        rows: How many rows were looked at.
        complete: True if these are all there are.
    """

    values: dict[Column, Cell]
    rows: int
    complete: bool

    @property
    def empty(self) -> frozenset[Column]:
        """The columns that hold nothing."""
        return frozenset(column for column, value in self.values.items() if value is None)

    @property
    def constant(self) -> frozenset[Column]:
        """The columns that hold the same value everywhere."""
        return frozenset(self.values) - self.empty


def uniform_columns(reader: Reader, relation: Relation, columns: Sequence[Column], seconds: float = SECONDS) -> Uniform:
    """Look for uniform columns among the newest rows. A long value is not compared: its column counts as varying.

    Args:
        reader: Used by this call alone while it runs.
        relation: Whose columns.
        columns: Which to look at.
        seconds: How long to look.
    """
    until = time.monotonic() + seconds
    values: dict[Column, Cell] = {}
    candidates = list(columns)
    seen, below = 0, None
    while candidates and seen < MOST_ROWS:
        # A few rows tell of most columns that they vary; only the others are worth a look at thousands.
        many = min(_CELLS_A_READ // len(candidates), MOST_ROWS - seen) if seen else 0
        wanted = max(_FEWEST_ROWS_A_READ, many)
        rows = reader.newest(relation, candidates, wanted, below=below)
        if rows and not seen:
            values = dict(zip(candidates, rows[0].cells, strict=True))
        values = {column: values[column] for column in _same(values, candidates, rows)}
        seen += len(rows)
        if len(rows) < wanted:
            return Uniform(_told_by(values, seen), seen, complete=True)
        candidates, below = list(values), rows[-1].key - 1
        if many and time.monotonic() > until:
            break
    return Uniform(_told_by(values, seen), seen, complete=False)


def still_uniform(reader: Reader, relation: Relation, before: Uniform) -> Uniform:
    """Return what is left of what was found once the newest rows, which may have come since, are looked at too."""
    columns = list(before.values)
    rows = reader.newest(relation, columns, _NEW_ROWS)
    return before._replace(values={column: before.values[column] for column in _same(before.values, columns, rows)})


def _same(values: dict[Column, Cell], columns: Sequence[Column], rows: Sequence[Row]) -> list[Column]:
    """Return the columns that hold in all rows what they hold in the first one."""
    if not rows:
        return [column for column in columns if column in values]
    same = []
    for column, cells in zip(columns, zip(*(row.cells for row in rows), strict=True), strict=True):
        value = values[column]
        if not isinstance(value, Clipped | Unreadable) and all(_is_same(cell, value) for cell in cells):
            same.append(column)
    return same


def _is_same(one: Cell, other: Cell) -> bool:
    return one is other or (one == other and type(one) is type(other))


def _told_by(values: dict[Column, Cell], rows: int) -> dict[Column, Cell]:
    return {column: value for column, value in values.items() if value is None or rows > 1}
