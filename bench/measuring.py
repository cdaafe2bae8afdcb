"""Compare two ways of doing a thing in one run, so that the machine's mood touches both alike."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Ratio:
    """How many times as much one thing takes as another, by the medians of what was measured.

    Attributes:
        what: What was compared, for people.
        at_most: What the ratio should not exceed.
        first: What was measured of the one.
        second: What was measured of the other.
        unit: Of both.
    """

    what: str
    at_most: float
    first: Sequence[float]
    second: Sequence[float]
    unit: str

    @property
    def figure(self) -> float:
        """The ratio."""
        return statistics.median(self.first) / statistics.median(self.second)

    def __str__(self) -> str:
        medians = f"{statistics.median(self.first):.4g} / {statistics.median(self.second):.4g} {self.unit}"
        verdict = "ok" if self.figure <= self.at_most else "MISSED"
        return f"{self.what:<58} {medians:>22}  {self.figure:6.2f}   at most {self.at_most:<5} {verdict}"


def in_turn(first: Callable[[], T], second: Callable[[], T], rounds: int) -> tuple[list[T], list[T]]:
    """Return what two measurements gave, made in turn, after one of each that only warms up."""
    first(), second()
    pairs = [(first(), second()) for _ in range(rounds)]
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]
