"""Say what the values of a column are like, under a filter: how many, which, and how numbers are spread."""

from __future__ import annotations

import heapq
import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial

from dbview.query.relation import Column, Relation
from dbview.secrets import is_named_secret
from dbview.source.numbers.histogram import Histogram, HistogramCounting
from dbview.source.numbers.moments import Moments
from dbview.source.numbers.value_counts import number_in, told_apart, value_counts
from dbview.source.reader import Reader
from dbview.source.view.rows import KeyRange
from dbview.source.view.scan import COSTLY_PUBLISH_SECONDS, Cancelled, Scanned
from dbview.source.view.selection import Selection
from dbview.values import Cell, Clipped, UndecodableText
from recorder.layout.tables import quote

MOST_VALUES = 50_000
"""Different values that are counted, the newest first; with long texts they take about 40 MB."""

MOST_FREQUENT = 20
"""Values that are given with their counts."""

_MOST_WAITING = 10_000
"""Different values that wait to be looked at."""

Number = int | float


@dataclass(frozen=True, slots=True)
class Numbers:
    """The finite numbers among the values, texts that spell one included, as filters compare them.

    Attributes:
        count: How many there are.
        spelled: How many of them are texts.
        low: The least.
        high: The greatest.
        mean: Their mean.
        deviation: Standard deviation of the sample (n - 1); None for a single number.
        median: None where there are more different values than are counted.
        histogram: Their spread.
    """

    count: int
    spelled: int
    low: Number
    high: Number
    mean: float
    deviation: float | None
    median: Number | None
    histogram: Histogram


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts that spell no number.

    Attributes:
        count: How many there are.
        shortest: Characters of the shortest.
        longest: Characters of the longest.
        mean: Mean number of characters.
    """

    count: int
    shortest: int
    longest: int
    mean: float


@dataclass(frozen=True, slots=True)
class Statistics(Scanned):
    """What is known of a column's values, as far as the scan has come.

    Attributes:
        rows: Rows of the filter.
        nulls: How many of them have no value.
        infinite: How many are infinite.
        blobs: How many are blobs.
        numbers: The finite numbers, None if there are none.
        texts: The other texts, None if there are none.
        distinct: Different values, at most :data:`MOST_VALUES`; texts count as alike that begin with the same 400
            characters.
        has_more: True if there are more different values than that.
        frequent: The values most rows have, the most frequent first; where there are more different values than are
            counted, of those that are.
    """

    rows: int
    nulls: int
    infinite: int
    blobs: int
    numbers: Numbers | None
    texts: Texts | None
    distinct: int
    has_more: bool
    frequent: Sequence[tuple[Cell, int]]


def column_statistics(
    reader: Reader,
    relation: Relation,
    filter: str,
    column: Column,
    publish: Callable[[Statistics], None],
    cancelled: Cancelled,
) -> Statistics:
    """Look at the values of a column in the rows that a filter finds, all in one pass.

    Args:
        reader: Used by this call alone while it runs.
        relation: Whose column.
        filter: Which rows count; empty for all.
        column: Of any kind that a filter can name.
        publish: Called with what is known so far, a few times a second, and with the result.
        cancelled: Asked between steps; the partial result is returned.

    Raises:
        FilterError: The filter makes no sense for this relation.
    """
    selection = Selection(reader, relation, filter, cancelled)
    counting = _Counting(column)

    def look(step: KeyRange) -> None:
        counting.add(_values(selection, step, column))

    return selection.scan().find(look, counting.taken, publish, COSTLY_PUBLISH_SECONDS)


def _values(selection: Selection, step: KeyRange, column: Column) -> Iterable[tuple[Cell, int | None, int]]:
    """Yield values, the length of those that may have been cut, and their rows."""
    is_cut = column.via is None and column.part is None and not is_named_secret(column)
    name = f"t.{quote(column.name)}"
    length = [f"CASE typeof({name}) WHEN 'text' THEN length({name}) END"] if is_cut else []
    for (cell,), beside, rows in value_counts(selection, step, [column], length):
        yield cell, beside[0] if beside else None, rows


class _Counting:
    """What is known so far."""

    def __init__(self, column: Column) -> None:
        # The same texts come again, and the median asks for those of all values each time.
        self._number_in = lru_cache(MOST_VALUES)(partial(number_in, column))
        self._waiting: Counter[tuple[Cell, int | None]] = Counter()
        self._rows = self._nulls = self._infinite = self._blobs = self._spelled = 0
        self._values: Counter[Cell] = Counter()
        self._has_more = False
        self._lengths = _Lengths()
        self._moments = Moments()
        self._histogram = HistogramCounting()

    def add(self, counted: Iterable[tuple[Cell, int | None, int]]) -> None:
        for cell, length, rows in counted:
            self._waiting[cell, length] += rows
        # What comes in many steps is looked at once for all of them.
        if len(self._waiting) > _MOST_WAITING:
            self._take_in()

    def _take_in(self) -> None:
        finite: list[tuple[Number, int]] = []
        waiting, self._waiting = self._waiting, Counter()
        for (cell, length), rows in waiting.items():
            self._rows += rows
            if cell is None:
                self._nulls += rows
                continue
            self._keep(cell, rows)
            number = self._number(cell)
            if number is not None and math.isfinite(number):
                finite.append((number, rows))
                self._spelled += rows * (not isinstance(cell, int | float))
            elif number is not None:
                self._infinite += rows
            elif _is_blob(cell):
                self._blobs += rows
            else:
                self._lengths.add(_length(cell, length), rows)
        self._moments.add(finite)
        self._histogram.add(finite)

    def _number(self, cell: Cell) -> Number | None:
        return cell if isinstance(cell, int | float) else self._number_in(cell)

    def _keep(self, cell: Cell, rows: int) -> None:
        known = told_apart(cell)
        if known in self._values or len(self._values) < MOST_VALUES:
            self._values[known] += rows
        else:
            self._has_more = True

    def taken(self, scanned: float, complete: bool, changed: bool) -> Statistics:
        self._take_in()
        return Statistics(
            scanned,
            complete,
            changed,
            self._rows,
            self._nulls,
            self._infinite,
            self._blobs,
            self._numbers(),
            self._lengths.taken(),
            len(self._values),
            self._has_more,
            heapq.nlargest(MOST_FREQUENT, self._values.items(), key=lambda item: item[1]),
        )

    def _numbers(self) -> Numbers | None:
        moments, histogram = self._moments, self._histogram
        if not moments.count:
            return None
        return Numbers(
            moments.count,
            self._spelled,
            histogram.low,
            histogram.high,
            moments.mean,
            moments.deviation,
            None if self._has_more else self._median(),
            histogram.taken(),
        )

    def _median(self) -> Number:
        numbers = ((self._number(cell), rows) for cell, rows in self._values.items())
        ordered = sorted((number, rows) for number, rows in numbers if number is not None and math.isfinite(number))
        total = sum(rows for _number, rows in ordered)
        lower, upper = _at(ordered, (total - 1) // 2), _at(ordered, total // 2)
        return lower if lower == upper else lower / 2 + upper / 2


def _at(ordered: Sequence[tuple[Number, int]], place: int) -> Number:
    for number, rows in ordered:
        place -= rows
        if place < 0:
            return number
    raise IndexError(place)


class _Lengths:
    """The lengths of texts, in characters."""

    def __init__(self) -> None:
        self._count = self._total = self._longest = 0
        self._shortest: int | None = None

    def add(self, length: int, rows: int) -> None:
        self._count += rows
        self._total += length * rows
        self._longest = max(self._longest, length)
        self._shortest = length if self._shortest is None else min(self._shortest, length)

    def taken(self) -> Texts | None:
        if self._shortest is None:
            return None
        return Texts(self._count, self._shortest, self._longest, self._total / self._count)


def _is_blob(cell: Cell) -> bool:
    return isinstance(cell, bytes) or (isinstance(cell, Clipped) and isinstance(cell.start, bytes))


def _length(cell: Cell, counted: int | None) -> int:
    """Return the characters of a text, which SQLite has counted if it may have been cut."""
    # What SQLite counts ends at a NUL.
    if isinstance(cell, str):
        return max(len(cell), counted or 0)
    return counted or (len(cell.raw) if isinstance(cell, UndecodableText) else 0)
