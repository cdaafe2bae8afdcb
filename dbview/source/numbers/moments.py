"""Add up numbers of any size to their mean and standard deviation, part by part."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction


class Moments:
    """Mean and standard deviation, joined from those of many parts without loss where numbers nearly cancel.

    The way of joining deviations is that of Chan, Golub and LeVeque (1979).

    Attributes:
        count: How many numbers there are.
    """

    def __init__(self) -> None:
        self.count = 0
        self._sum = Fraction()
        self._root_of_squares = 0.0

    @property
    def mean(self) -> float:
        """Their mean."""
        return float(self._sum / self.count)

    @property
    def deviation(self) -> float | None:
        """Standard deviation of the sample (n - 1); None for a single number."""
        return self._root_of_squares / math.sqrt(self.count - 1) if self.count > 1 else None

    def add(self, counts: Sequence[tuple[int | float, int]]) -> None:
        """Take in finite numbers, each with how often it is there."""
        if not counts:
            return
        count, total = sum(rows for _number, rows in counts), _sum(counts)
        mean = float(total / count)
        # hypot() takes the root of a sum of squares that would be too large or too small itself.
        root = math.hypot(*((number - mean) * math.sqrt(rows) for number, rows in counts))
        if self.count:
            apart = (mean - self.mean) * math.sqrt(self.count * count / (self.count + count))
            root = math.hypot(root, self._root_of_squares, apart)
        self._root_of_squares = root
        self.count += count
        self._sum += total


def _sum(counts: Sequence[tuple[int | float, int]]) -> Fraction:
    try:
        return Fraction(math.fsum(number * rows for number, rows in counts))
    except (OverflowError, ValueError):  # beyond the largest number, on the way or in the end
        return sum((Fraction(number) * rows for number, rows in counts), Fraction())
