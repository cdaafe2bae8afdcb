"""Count numbers in bins with round bounds, in one pass and a bounded amount of memory."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from dbview.source.numbers.axis import Bin, bin_of, round_width

MOST_BINS = 20
"""Bins of a histogram that is shown."""

_FINE_BINS = 200
"""Bins that are counted in: at least so many, at most five times as many, since each widening takes five into one."""

_DECADES_WORTH_A_LOGARITHM = 3

_EDGES = sorted({float(f"{digit}e{power}") for power in range(-324, 309) for digit in (1, 2, 5)} - {0.0})
"""Bounds of the bins of a logarithmic histogram: 1, 2 and 5 in each decade."""
_DECADE_STEPS = (1, 2, 5, 10, 20, 50, 100, 200)


@dataclass(frozen=True, slots=True)
class Histogram:
    """How many numbers lie in each bin.

    Attributes:
        bins: From the lowest to the highest, those without numbers in between as well.
        is_logarithmic: True if the bounds are a ratio apart, not a difference.
    """

    bins: Sequence[tuple[Bin, int]]
    is_logarithmic: bool


class HistogramCounting:
    """Counts finite numbers whose range is not known before.

    Attributes:
        low: The least number, 0 while there is none.
        high: The greatest.
    """

    def __init__(self) -> None:
        self.low: int | float = 0
        self.high: int | float = 0
        self._width: float = 0
        self._linear: Counter[Bin] = Counter()
        self._logarithmic: Counter[int] = Counter()
        self._has_fractions = False

    def add(self, counts: Iterable[tuple[int | float, int]]) -> None:
        """Count finite numbers, each with how often it is there."""
        if not (pairs := list(counts)):
            return
        numbers = [number for number, _count in pairs]
        is_first = not self._width
        self.low = min(numbers) if is_first else min(self.low, min(numbers))
        self.high = max(numbers) if is_first else max(self.high, max(numbers))
        self._widen()
        self._has_fractions = self._has_fractions or any(number % 1 for number in numbers)
        width, linear, logarithmic, is_positive = self._width, self._linear, self._logarithmic, self.low > 0
        bins: dict[float, Bin] = {}
        for number, count in pairs:
            # What the bounds say counts; a number beside the last one is mostly in the same bin.
            found = bins.get(place := number // width)
            if found is None or not found.low <= number < found.high:
                found = bins[place] = bin_of(number, width)
            linear[found] += count
            if is_positive:
                logarithmic[bisect_right(_EDGES, number) - 1] += count

    def _widen(self) -> None:
        """Choose wider bins where the numbers reach too far for those there are; each holds some of them whole."""
        least = _round_width(self.low, self.high, _FINE_BINS)
        if not self._width:
            self._width = least
            return
        if (self.high / _FINE_BINS - self.low / _FINE_BINS) / self._width <= 5 and self._width >= _finest(
            self.low, self.high
        ):
            return
        before, self._linear, self._width = self._linear, Counter(), max(least, self._width)
        for found, count in before.items():
            self._linear[bin_of(found.low, self._width)] += count

    def taken(self) -> Histogram:
        """Return the histogram so far: logarithmic if all numbers are positive and span three decades."""
        if not self._linear:
            return Histogram((), False)
        if self.low > 0 and math.log10(self.high) - math.log10(self.low) >= _DECADES_WORTH_A_LOGARITHM:
            return Histogram(_decades(self._logarithmic), True)
        width = _shown_width(self.low, self.high, self._width)
        if not self._has_fractions:
            width = max(1, width)
        return Histogram(_evenly(self._linear, width), False)


def _finest(low: float, high: float) -> float:
    """Return the narrowest width at which bins around such numbers still have bounds of their own."""
    return max(max(abs(low), abs(high)) * 1e-12, 1e-300)


def _round_width(low: float, high: float, bins: int) -> float:
    return round_width(max(high / bins - low / bins, _finest(low, high)))


def _shown_width(low: float, high: float, fine: float) -> float:
    """Return 1, 2 or 5 times a power of ten, a multiple of the fine width, so that there are few enough bins."""
    least = max(high / (MOST_BINS - 1) - low / (MOST_BINS - 1), fine)
    return round_width(least, (1, 2, 5))


def _evenly(fine: Mapping[Bin, int], width: float) -> list[tuple[Bin, int]]:
    counts: Counter[Bin] = Counter()
    for found, count in fine.items():
        counts[bin_of(found.low, width)] += count
    lowest, highest = min(counts), max(counts)
    bins = [lowest]
    while bins[-1] < highest:
        following = bin_of(bins[-1].high, width)
        if following <= bins[-1] or len(bins) > 2 * MOST_BINS:
            return sorted(counts.items())
        bins.append(following)
    return [(each, counts[each]) for each in bins]


def _decades(counts: Mapping[int, int]) -> list[tuple[Bin, int]]:
    """Return the bins of a logarithmic histogram, several decades in one where there are many."""
    lowest, highest = min(counts), max(counts)
    edges = _EDGES[lowest : highest + 1]
    if len(edges) > MOST_BINS:
        first = math.floor(math.log10(edges[0]) + 1e-9)
        last = math.floor(math.log10(edges[-1]) + 1e-9)
        step = next(step for step in _DECADE_STEPS if (last - first) / step < MOST_BINS)
        powers = range(first, last + 1, step)
        edges = [float(f"1e{power}") or _EDGES[0] for power in powers]
    bounds = [*edges, _edge_above(edges, highest)]
    bins: Counter[int] = Counter()
    for place, count in counts.items():
        bins[bisect_right(edges, _EDGES[place]) - 1] += count
    return [(Bin(bounds[place], bounds[place + 1]), bins[place]) for place in range(len(edges))]


def _edge_above(edges: Sequence[float], highest: int) -> float:
    following = _EDGES[highest + 1] if highest + 1 < len(_EDGES) else math.inf
    if len(edges) < 2:
        return following
    # Where decades are taken together, the last bin is as wide as those before.
    return max(following, min(edges[-1] * (edges[-1] / edges[-2]), math.inf)) if following < math.inf else math.inf
