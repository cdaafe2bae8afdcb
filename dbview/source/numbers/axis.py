"""Tell the values of a column apart as groups; many numbers are put into bins."""

from __future__ import annotations

import enum
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from dbview.query.relation import Column
from dbview.source.numbers.value_counts import number_in
from dbview.values import Cell

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


Single = Cell | Bin | Others
"""What the values of one column are told apart as."""


@dataclass(frozen=True, slots=True)
class OfExperiment:
    """A run, or what else stands for some, of one experiment among several.

    Attributes:
        column: The column of the experiment.
        experiment: Which one.
        run: The run.
    """

    column: Column
    experiment: Single
    run: Single


Value = Single | OfExperiment


class Axis:
    """Tells the values of a column apart; many numbers it puts into bins, as wide as their number asks for.

    Texts that spell numbers, such as runs, are told apart as long as that can be, and then put into bins as well.

    Args:
        column: Whose values.
        most: How many are told apart, apart from numbers.

    Attributes:
        has_other_bins: True if the values that were given out have to be moved.
    """

    def __init__(self, column: Column, most: int) -> None:
        self._column = column
        self._most = most
        self._values: set[Cell] = set()
        self._numbers: set[float] = set()
        self._width = 0.0
        self._is_full = self._reads_texts = False
        self.has_other_bins = False

    def value(self, cell: Cell) -> Single:
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

    def _number(self, value: Single) -> int | float | None:
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

    def _of_number(self, number: float) -> Single:
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

    def moved(self, value: Single) -> Single:
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
