"""Collect the points of a plot: two columns of the rows that a filter finds, near ones taken together."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from dbview.query.relation import Column, Relation, Role
from dbview.source.numbers.value_counts import number_in, values_of_rows
from dbview.source.reader import Reader
from dbview.source.view.rows import KeyRange
from dbview.source.view.scan import COSTLY_PUBLISH_SECONDS, Cancelled, Scanned
from dbview.source.view.selection import Selection
from dbview.values import Cell
from recorder.layout.tables import quote

MOST_SPOTS = 20_000
"""Points that are told apart; of more than that, those near each other are taken together."""

_FIRST_DIVISION = 512


@dataclass(slots=True)
class Spot:
    """Rows at one place of a plot, or near it.

    Attributes:
        x: Where the newest of them is.
        y: The same.
        key: The newest of them.
        valid: How many of them are valid, or have no validity.
        not_valid: How many are not.
    """

    x: float
    y: float
    key: int
    valid: int = 0
    not_valid: int = 0


@dataclass(frozen=True, slots=True)
class Points(Scanned):
    """What is known of a plot, as far as the scan has come.

    Attributes:
        spots: The points.
        rows: Rows of the filter.
        without: Rows that have no finite number, or moment, in both columns.
        not_positive: Rows that have no place on a logarithmic axis.
    """

    spots: Sequence[Spot]
    rows: int
    without: int
    not_positive: int


@dataclass(frozen=True, slots=True)
class Axis:
    """What an axis shows.

    Attributes:
        column: Of any kind that a filter can name; a moment is seconds since 1970.
        is_logarithmic: True if ratios are as far apart as they are large.
    """

    column: Column
    is_logarithmic: bool = False

    @property
    def is_time(self) -> bool:
        """True if the numbers are moments."""
        return self.column.role is Role.TIME


def points(
    reader: Reader,
    relation: Relation,
    filter: str,
    x: Axis,
    y: Axis,
    publish: Callable[[Points], None],
    cancelled: Cancelled,
) -> Points:
    """Collect the points of two columns.

    Args:
        reader: Used by this call alone while it runs.
        relation: Whose rows.
        filter: Which rows count; empty for all.
        x: Across.
        y: Up.
        publish: Called with what is known so far, a few times a second, and with the result.
        cancelled: Asked between steps; the partial result is returned.

    Raises:
        FilterError: The filter makes no sense for this relation.
    """
    selection = Selection(reader, relation, filter, cancelled)
    valid = relation.of_role(Role.VALID)
    not_valid = f"t.{quote(valid.name)} IS 0" if valid else "0"
    collecting = _Collecting(x, y)

    def look(step: KeyRange) -> None:
        collecting.add(values_of_rows(selection, step, [x.column, y.column], [not_valid]))

    return selection.scan().find(look, collecting.taken, publish, COSTLY_PUBLISH_SECONDS)


def coordinate(axis: Axis, cell: Cell) -> float | None:
    """Return where a cell is on an axis, None if nowhere."""
    if axis.is_time:
        return _seconds(cell)
    number = number_in(axis.column, cell)
    return float(number) if number is not None and math.isfinite(number) else None


def _coordinates(axis: Axis, cells: Sequence[Cell]) -> list[float | None]:
    """Return where cells are on an axis; equal ones, such as the run of many entries, are looked at once."""
    known = {cell: coordinate(axis, cell) for cell in set(cells)}
    return [known[cell] for cell in cells]


def _seconds(cell: Cell) -> float | None:
    try:
        moment = datetime.fromisoformat(cell) if isinstance(cell, str) else None
        if moment is None:
            return None
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


class _Collecting:
    """The points so far; the newest row of each place comes first."""

    def __init__(self, x: Axis, y: Axis) -> None:
        self._x, self._y = x, y
        self._spots: dict[tuple[float, float], Spot] = {}
        self._widths: tuple[float, float] | None = None
        self._rows = self._without = self._not_positive = 0

    def add(self, rows: Sequence[tuple[int, Cell, Cell, int]]) -> None:
        """Take in the key of each row, its values across and up, and whether it is not valid."""
        across = _coordinates(self._x, [row[1] for row in rows])
        up = _coordinates(self._y, [row[2] for row in rows])
        self._rows += len(rows)
        for (key, _across, _up, not_valid), x, y in zip(rows, across, up, strict=True):
            if x is None or y is None:
                self._without += 1
            elif (self._x.is_logarithmic and x <= 0) or (self._y.is_logarithmic and y <= 0):
                self._not_positive += 1
            else:
                self._put(x, y, key, 1 - not_valid, not_valid)
                if len(self._spots) > MOST_SPOTS:
                    self._divide_coarser()

    def _put(self, x: float, y: float, key: int, valid: int, not_valid: int) -> None:
        place = _scaled(self._x, x), _scaled(self._y, y)
        if self._widths is not None:
            place = place[0] // self._widths[0], place[1] // self._widths[1]
        known = self._spots.get(place)
        if known is None:
            self._spots[place] = Spot(x, y, key, valid, not_valid)
        else:
            known.valid += valid
            known.not_valid += not_valid

    def _divide_coarser(self) -> None:
        # However wide, there is one place in each quadrant.
        while len(self._spots) > max(4, MOST_SPOTS // 2):
            before = list(self._spots.values())
            self._widths = (
                (2 * self._widths[0], 2 * self._widths[1])
                if self._widths
                else (
                    _width(_scaled(self._x, spot.x) for spot in before),
                    _width(_scaled(self._y, spot.y) for spot in before),
                )
            )
            self._spots = {}
            for spot in before:
                self._put(spot.x, spot.y, spot.key, spot.valid, spot.not_valid)

    def taken(self, scanned: float, complete: bool, changed: bool) -> Points:
        spots = [Spot(spot.x, spot.y, spot.key, spot.valid, spot.not_valid) for spot in self._spots.values()]
        return Points(scanned, complete, changed, spots, self._rows, self._without, self._not_positive)


def _scaled(axis: Axis, value: float) -> float:
    return math.log10(value) if axis.is_logarithmic else value


def _width(values: Iterable[float]) -> float:
    numbers = list(values)
    low, high = min(numbers), max(numbers)
    return (high / _FIRST_DIVISION - low / _FIRST_DIVISION) or 1.0
