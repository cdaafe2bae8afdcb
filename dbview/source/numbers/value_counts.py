"""Count the rows in a step of a scan by the values of any columns: stored, joined, or a part of a text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from dbview.query.relation import Column, Join
from dbview.secrets import is_named_secret, masked_cell
from dbview.source.view.masks import shown
from dbview.source.view.parts import operand_of
from dbview.source.view.rows import KeyRange, beginning
from dbview.source.view.selection import Selection
from dbview.values import Cell, Clipped, UndecodableText, number_of
from recorder.layout.tables import quote

LONGEST = 400
"""Characters of a text, or bytes of a blob, that tell it from another."""

_BYTES_A_CHARACTER = 4
_JOINED_TOGETHER = 100


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
    end = len(columns)
    return [ValueCount(row[:end], row[end:-1], row[-1]) for row in _looked_up(selection, columns, counted, 0)]


def counts_of_each(
    selection: Selection, step: KeyRange, columns: Sequence[Column]
) -> Iterator[tuple[Column, list[tuple[Cell, int]]]]:
    """Yield how many rows in a step of a scan have each value of each column, all by itself.

    The rows are read once, and so are those that a join finds. Arguments are those of :func:`value_counts`.
    """
    by_value: dict[str, list[list[Column]]] = {}
    for alike in _joined_alike(columns):
        by_value.setdefault(_local_value(alike[0]), []).append(alike)
    counts = selection.counts_of_each(step, list(by_value))
    for of_value, counted in zip(by_value.values(), counts, strict=True):
        for alike in of_value:
            rows = _joined(selection, alike, counted) if alike[0].via else [((cell,), count) for cell, count in counted]
            for place, column in enumerate(alike):
                yield column, [(cells[place], count) for cells, count in rows]


def _joined_alike(columns: Sequence[Column]) -> Iterator[list[Column]]:
    """Yield the columns that are found by the same join, a number that a query can have; one not joined by itself."""
    alike: dict[Join, list[Column]] = {}
    for column in columns:
        if column.via is None:
            yield [column]
        else:
            alike.setdefault(replace(column.via, column=""), []).append(column)
    for found in alike.values():
        yield from (found[start : start + _JOINED_TOGETHER] for start in range(0, len(found), _JOINED_TOGETHER))


def _joined(
    selection: Selection, columns: Sequence[Column], counted: Sequence[tuple[Any, int]]
) -> list[tuple[tuple[Cell, ...], int]]:
    """Return how many rows have each combination of columns that one join finds, given the counts of its keys."""
    ways = [column.via for column in columns if column.via is not None]
    wanted = [(via.column, column.part) for via, column in zip(ways, columns, strict=True)]
    known = selection.reader.shared_rows(ways[0], {key for key, _count in counted}, wanted)
    missing = (None,) * len(columns)
    found: Counter[tuple[Cell, ...]] = Counter()
    for key, count in counted:
        found[known.get(key, missing)] += count
    return list(found.items())


def values_of_rows(
    selection: Selection, step: KeyRange, columns: Sequence[Column], beside: Sequence[str] = ()
) -> list[tuple[Any, ...]]:
    """Return of each row in a step of a scan its key, its values as they are counted, and what else is picked.

    The newest comes first. Arguments are those of :func:`value_counts`.
    """
    return _looked_up(selection, columns, selection.rows(step, [*map(_local_value, columns), *beside]), 1)


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
    if not isinstance(cell, str):
        return None
    # What is masked is looked for last: most texts spell no number.
    number = number_of(cell.strip())
    return number if number is not None and masked_cell(column, cell) == cell else None


def _looked_up(
    selection: Selection, columns: Sequence[Column], rows: list[tuple[Any, ...]], first: int
) -> list[tuple[Any, ...]]:
    """Put values in the places of the keys that joined values are found by; the columns' places begin at the first."""
    for place, column in enumerate(columns, first):
        if (via := column.via) is not None:
            known = selection.reader.shared_cells(via, {row[place] for row in rows}, column.part)
            rows = [(*row[:place], known.get(row[place]), *row[place + 1 :]) for row in rows]
    return rows


def _local_value(column: Column) -> str:
    if column.via is None and is_named_secret(column):
        # Neither how many there are nor how long they are is told.
        return shown(column, operand_of(column))
    if column.via is None:
        return operand_of(column) if column.part else beginning(column.name, LONGEST)
    way = column.via
    while way.through is not None:
        way = way.through
    return f"t.{quote(way.key)}"
