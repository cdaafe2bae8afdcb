"""Count the rows in a step of a scan by the values of any columns: stored, joined, or a part of a text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from dbview.query.relation import Column
from dbview.secrets import masked_cell
from dbview.source.view.parts import value_of
from dbview.source.view.rows import KeyRange, beginning
from dbview.source.view.selection import Selection
from dbview.values import Cell, Clipped, UndecodableText, number_of
from recorder.layout.tables import quote

LONGEST = 400
"""Characters of a text, or bytes of a blob, that tell it from another."""

_BYTES_A_CHARACTER = 4


class ValueCount(NamedTuple):
    """How many rows have a combination of values.

    Attributes:
        cells: The values, in the order of the columns. What is longer than :data:`LONGEST` may have been cut.
        beside: What else was picked.
        rows: How many rows.
    """

    cells: tuple[Cell, ...]
    beside: tuple[Any, ...]
    rows: int


def value_counts(
    selection: Selection, step: KeyRange, columns: Sequence[Column], beside: Sequence[str] = ()
) -> list[ValueCount]:
    """Return how many rows in a step of a scan have each combination of values.

    A joined value is looked up once for its key, so one combination may come several times.

    Args:
        selection: Which rows count.
        step: The keys to look at.
        columns: Of any kind that a filter can name.
        beside: SQL expressions of few values that rows are told apart by as well.
    """
    counted = selection.counts(step, [*map(_local_value, columns), *beside])
    looked_up: list[Mapping[Any, Cell] | None] = []
    for place, column in enumerate(columns):
        keys = dict.fromkeys(row[place] for row in counted)
        via = column.via
        looked_up.append(selection.reader.shared_cells(via, keys, column.part) if via else None)
    found = []
    for *values, rows in counted:
        cells = tuple(
            value if known is None else known.get(value) for value, known in zip(values, looked_up, strict=False)
        )
        found.append(ValueCount(cells, tuple(values[len(columns) :]), rows))
    return found


def told_apart(cell: Cell) -> Cell:
    """Return what a value is known by: of a long one the beginning."""
    match cell:
        case str() | bytes() if len(cell) > LONGEST:
            return Clipped(cell[:LONGEST], None)
        case UndecodableText(raw=raw) if len(raw) > LONGEST:
            # It may just have been cut through a character.
            start = raw[: LONGEST * _BYTES_A_CHARACTER]
            text = start.decode("utf-8", "ignore")
            is_text = len(start) - len(text.encode()) < _BYTES_A_CHARACTER and start.startswith(text.encode())
            return Clipped(text[:LONGEST] if is_text else UndecodableText(raw[:LONGEST]), None)
        case _:
            return cell


def number_in(column: Column, cell: Cell) -> int | float | None:
    """Return the number that a cell is or spells, as filters compare it; a secret spells none."""
    if isinstance(cell, int | float):
        return cell
    if not isinstance(cell, str) or masked_cell(column, cell) != cell:
        return None
    return number_of(cell.strip())


def _local_value(column: Column) -> str:
    if column.via is None:
        return value_of("t", column.stored_name, column.part) if column.part else beginning(column.name, LONGEST)
    way = column.via
    while way.through is not None:
        way = way.through
    return f"t.{quote(way.key)}"
