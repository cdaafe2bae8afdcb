"""Count the rows that a filter finds by the values of no, one or two columns, and by how they went."""

from __future__ import annotations

import enum
import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple

from dbview.query.relation import Column, Relation
from dbview.source.numbers.value_counts import number_in, told_apart, value_counts
from dbview.source.reader import Reader
from dbview.source.view.outcomes import Outcome, OutcomeCounting, Outcomes, OutcomeSql
from dbview.source.view.rows import KeyRange
from dbview.source.view.scan import Cancelled, Scanned
from dbview.source.view.selection import Selection
from dbview.values import Cell

MOST_VALUES = 2_000
"""Values of a column that are told apart; the rows of others, which are older, are counted together."""

MOST_VALUES_OF_TWO = 300
"""The same for each of two columns."""

BINNED_ABOVE = 100
"""So many different numbers are put into bins."""

BINS = 25

_SPELL_NUMBERS = 0.9
"""Where there are more texts than are told apart, so large a share of them has to spell numbers to be put into bins."""


class Others(enum.Enum):
    """Stands for all values that are not told apart."""

    OTHERS = "others"


class Bin(NamedTuple):
    """Numbers from ``low`` to before ``high``."""

    low: float
    high: float


Value = Cell | Bin | Others


@dataclass(frozen=True, slots=True)
class Numbers:
    """What is known of some numbers, all of them finite.

    Attributes:
        count: How many there are.
        total: Their sum, exact.
        low: The least.
        high: The greatest.
    """

    count: int
    total: Fraction
    low: int | float
    high: int | float

    @property
    def mean(self) -> float:
        """Their mean."""
        return float(self.total / self.count)

    def joined(self, other: Numbers | None) -> Numbers:
        """Return what is known of these numbers and others."""
        if other is None:
            return self
        low, high = min(self.low, other.low), max(self.high, other.high)
        return Numbers(self.count + other.count, self.total + other.total, low, high)


@dataclass(frozen=True, slots=True)
class Groups(Scanned):
    """How many rows each group has, as far as the scan has come.

    Attributes:
        counts: Rows by how they went, by the values of the columns.
        numbers: What is known of the numbers that were asked for as well, by the same; groups without one left out.
    """

    counts: Mapping[tuple[Value, ...], Outcomes]
    numbers: Mapping[tuple[Value, ...], Numbers] = field(default_factory=dict)

    def outcomes(self) -> Counter[Outcome]:
        """Return the rows of all groups by how they went."""
        total: Counter[Outcome] = Counter()
        for counts in self.counts.values():
            total.update(counts)
        return total


def group(
    reader: Reader,
    relation: Relation,
    filter: str,
    columns: Sequence[Column],
    publish: Callable[[Groups], None],
    cancelled: Cancelled,
    of: Column | None = None,
) -> Groups:
    """Count the rows that a filter finds by the values of columns.

    Args:
        reader: Used by this call alone while it runs.
        relation: What to count.
        filter: Which rows count; empty for all.
        columns: None, one or two; of any kind that a filter can name.
        publish: Called with what is known so far, a few times a second, and with the result.
        cancelled: Asked between steps; the partial result is returned.
        of: A column whose numbers are added up for each group, texts that spell one among them; None for none.

    Raises:
        FilterError: The filter makes no sense for this relation.
    """
    selection = Selection(reader, relation, filter, cancelled)
    most = MOST_VALUES if len(columns) < 2 else MOST_VALUES_OF_TWO
    counting = _Counting([_Axis(column, most) for column in columns])
    all_rows = OutcomeCounting(selection)

    def look(step: KeyRange) -> None:
        if columns:
            counting.add(_counted(selection, step, columns, of))
        else:
            counting.add(((), outcome, rows, None) for outcome, rows in all_rows.counted(step).items())

    return selection.scan().find(look, counting.taken, publish)


def _counted(
    selection: Selection, step: KeyRange, columns: Sequence[Column], of: Column | None
) -> Iterator[tuple[tuple[Cell, ...], Outcome, int, Numbers | None]]:
    """Yield values, outcome, how many rows there are of these in a step, and the numbers that they have."""
    picked = OutcomeSql(selection.relation).picked
    wanted = columns if of is None else (*columns, of)
    for cells, (status, valid), rows in value_counts(selection, step, wanted, picked):
        number = None if of is None else number_in(of, cells[-1])
        numbers = None
        if number is not None and math.isfinite(number):
            numbers = Numbers(rows, Fraction(number) * rows, number, number)
        yield tuple(map(told_apart, cells[: len(columns)])), Outcome(status, valid), rows, numbers


class _Counting:
    """The groups so far."""

    def __init__(self, axes: Sequence[_Axis]) -> None:
        self._axes = axes
        self._counts: dict[tuple[Value, ...], Counter[Outcome]] = {}
        self._numbers: dict[tuple[Value, ...], Numbers] = {}

    def add(self, counted: Iterable[tuple[tuple[Cell, ...], Outcome, int, Numbers | None]]) -> None:
        for cells, outcome, count, numbers in counted:
            values = tuple(axis.value(cell) for axis, cell in zip(self._axes, cells, strict=True))
            if any(axis.has_other_bins for axis in self._axes):
                self._put_into_bins()
            self._counts.setdefault(values, Counter())[outcome] += count
            if numbers is not None:
                self._numbers[values] = numbers.joined(self._numbers.get(values))

    def _put_into_bins(self) -> None:
        before, self._counts = self._counts, {}
        numbers, self._numbers = self._numbers, {}
        for values, counts in before.items():
            moved = tuple(axis.moved(value) for axis, value in zip(self._axes, values, strict=True))
            self._counts.setdefault(moved, Counter()).update(counts)
            if (found := numbers.get(values)) is not None:
                self._numbers[moved] = found.joined(self._numbers.get(moved))
        for axis in self._axes:
            axis.has_other_bins = False

    def taken(self, scanned: float, complete: bool, changed: bool) -> Groups:
        counts = {values: dict(counts) for values, counts in self._counts.items()}
        return Groups(scanned, complete, changed, counts, dict(self._numbers))


class _Axis:
    """Tells the values of a column apart; many numbers it puts into bins, as wide as their number asks for.

    Texts that spell numbers, such as runs, are told apart as long as that can be, and then put into bins as well.

    Attributes:
        has_other_bins: True if the values that were given out have to be moved.
    """

    def __init__(self, column: Column, most: int) -> None:
        self._column = column
        self._most = most
        self._values: set[Value] = set()
        self._numbers: set[float] = set()
        self._width = 0.0
        self._is_full = self._reads_texts = False
        self.has_other_bins = False

    def value(self, cell: Cell) -> Value:
        """Return the group of a cell."""
        number = self._number(cell)
        if number is not None:
            return self._of_number(number)
        if cell in self._values:
            return cell
        if len(self._values) < self._most:
            self._values.add(cell)
            return cell
        if not self._is_full:
            self._is_full = True
            self._read_texts()
            return self.value(cell)
        return Others.OTHERS

    def _number(self, value: Value) -> int | float | None:
        """Return the finite number that a value is, or spells if such texts are put into bins."""
        if isinstance(value, str) and self._reads_texts:
            value = number_in(self._column, value)
        return value if isinstance(value, int | float) and math.isfinite(value) else None

    def _read_texts(self) -> None:
        """Put texts that spell numbers into bins from now on, if nearly all values are such texts."""
        self._reads_texts = True
        spelled = {value: number for value in self._values if (number := self._number(value)) is not None}
        self._reads_texts = len(spelled) >= _SPELL_NUMBERS * len(self._values)
        if self._reads_texts:
            self._values -= spelled.keys()
            self._numbers.update(spelled.values())
            self._widen(min(self._numbers), max(self._numbers))

    def _of_number(self, number: float) -> Value:
        if not self._width:
            self._numbers.add(number)
            if len(self._numbers) <= BINNED_ABOVE:
                return number
            self._widen(min(self._numbers), max(self._numbers))
        found = bin_of(number, self._width)
        self._numbers.add(found.low)
        # Around a number far beyond the others, bins as narrow have no bounds of their own.
        if len(self._numbers) > 2 * BINS or not found.low <= number < found.high:
            self._widen(min(self._numbers), max(self._numbers))
            found = bin_of(number, self._width)
        return found

    def _widen(self, low: float, high: float) -> None:
        """Choose bins for numbers from low to high, which are wider than those before."""
        before = self._width
        self._width = round_width((high / BINS - low / BINS) or abs(high) or 1.0)
        while self._width <= before:
            self._width = round_width(before * 2)
        self._numbers = {bin_of(number, self._width).low for number in self._numbers}
        self.has_other_bins = True

    def moved(self, value: Value) -> Value:
        """Return the bin that a number, or a narrower bin, now belongs to; anything else as it is."""
        if isinstance(value, Bin):
            return bin_of(value.low, self._width)
        number = self._number(value) if self._width else None
        return value if number is None else bin_of(number, self._width)


def round_width(width: float, factors: Sequence[int] = (1, 5)) -> float:
    """Return a factor times a power of ten that is not less; with 1 and 5 each is a multiple of all narrower ones.

    From 1 on it is a whole number, which is exact however large it is.
    """
    exponent = math.floor(math.log10(width))
    power = 10**exponent if exponent >= 0 else float(f"1e{exponent}")
    widths = (factor * power for factor in (*factors, *(10 * factor for factor in factors)))
    return next(found for found in widths if found >= width)


def bin_of(number: float, width: float) -> Bin:
    """Return the bin of a number among those of a round width."""
    # A whole number may be beyond the largest float: the lower end of a wide bin is one.
    is_whole = isinstance(number, int) and width >= 1
    place = int(number // round(width)) if is_whole else math.floor(number / width)
    found = _bin_at(place, width)
    # The quotient is rounded: what counts is what the bounds say.
    return (
        _bin_at(place + 1, width)
        if number >= found.high
        else _bin_at(place - 1, width)
        if number < found.low
        else found
    )


def _bin_at(place: int, width: float) -> Bin:
    # Not as it comes out, which may be 0.30000000000000004.
    digits = -math.floor(math.log10(width))
    if digits <= 0:
        return Bin(place * round(width), (place + 1) * round(width))
    return Bin(round(place * width, digits), round((place + 1) * width, digits))
