"""Say where numbers stand along an axis, and which round ones to write beside it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

_DAY = 86_400
_TIME_STEPS = (
    1,
    2,
    5,
    10,
    30,
    60,
    120,
    300,
    600,
    1800,
    3600,
    7200,
    3 * 3600,
    6 * 3600,
    12 * 3600,
    _DAY,
    2 * _DAY,
    7 * _DAY,
)
_MONTH_STEPS = (1, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 2400, 6000, 12000)
_MONTH_SECONDS = 30.5 * _DAY
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Tick(NamedTuple):
    """A number that is written beside an axis.

    Attributes:
        value: The number.
        label: What is written.
    """

    value: float
    label: str


@dataclass(frozen=True, slots=True)
class Scale:
    """The numbers that an axis reaches over.

    Attributes:
        low: Its lower end; above 0 on a logarithmic axis.
        high: Its upper end.
        is_logarithmic: True if equal ratios are equally far apart.
        is_time: True if the numbers are seconds since 1970.
    """

    low: float
    high: float
    is_logarithmic: bool = False
    is_time: bool = False

    def place(self, value: float) -> float:
        """Return where a number stands, from 0 for the lower end to 1 for the upper one; 0.5 if both are the same."""
        low, high, value = (math.log10(end) if self.is_logarithmic else end for end in (self.low, self.high, value))
        # Halves: the difference of two numbers may be beyond the largest one.
        span = high / 2 - low / 2
        return (value / 2 - low / 2) / span if span > 0 else 0.5

    def ticks(self, most: int) -> list[Tick]:
        """Return round numbers from end to end, in order, no two labels alike; the only number, if there is but one.

        Args:
            most: How many there may be, at least 1.
        """
        if self.low == self.high:
            found = [Tick(self.low, _moment(self.low, 1) if self.is_time else f"{self.low:.6g}")]
        elif self.is_time:
            found = list(_time_ticks(self.low, self.high, most))
        elif self.is_logarithmic:
            found = _logarithmic_ticks(self.low, self.high, most)
        else:
            found = list(_even_ticks(self.low, self.high, most))
        return found[:most]


def moment_of(seconds: float) -> str:
    """Return the moment so many seconds after the beginning of 1970, in ISO 8601."""
    return _at(seconds).isoformat()


def _even_ticks(low: float, high: float, most: int) -> Iterator[Tick]:
    # One more may fit on a span than it has steps.
    least = high / max(1, most - 1) - low / max(1, most - 1)
    least = max(least, 4 * math.ulp(max(abs(low), abs(high))), 1e-300)
    exponent = math.floor(math.log10(least))
    factor = next(factor for factor in (1, 2, 5, 10, 20) if float(f"{factor}e{exponent}") >= least)
    step = float(f"{factor}e{exponent}")
    exponent += factor >= 10
    first, last = math.ceil(low / step), math.floor(high / step)
    for number in range(first, last + 1):
        value = number * step
        if low <= value <= high:
            yield Tick(value, _label(value, exponent, max(abs(low), abs(high))))


def _label(value: float, exponent: int, largest: float) -> str:
    """Return a number whose last digit that counts stands for ten to the exponent."""
    if 1e-3 <= largest < 1e7 and exponent >= -8:
        return f"{value:,.{max(0, -exponent)}f}"
    if value == 0:
        return "0"
    digits = max(0, math.floor(math.log10(abs(value))) - exponent)
    return _short(f"{value:.{digits}e}")


def _short(text: str) -> str:
    mantissa, exponent = text.split("e")
    return f"{mantissa}e{int(exponent)}"


def _logarithmic_ticks(low: float, high: float, most: int) -> list[Tick]:
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    for digits, step in (
        ((1, 2, 5), 1),
        ((1,), 1),
        ((1,), 2),
        ((1,), 3),
        ((1,), 5),
        ((1,), 10),
        ((1,), 50),
        ((1,), 200),
    ):
        found = [
            Tick(value, _power(digit, power))
            for power in range(first - first % step, last + 1, step)
            for digit in digits
            if (value := float(f"{digit}e{power}")) and low <= value <= high
        ]
        if len(found) <= most:
            break
    return found if len(found) > 1 else list(_even_ticks(low, high, most))


def _power(digit: int, power: int) -> str:
    return (
        f"{digit * 10**power:,}"
        if 0 <= power < 6
        else f"{digit / 10**-power:.{-power}f}"
        if -4 < power < 0
        else f"{digit}e{power}"
    )


def _time_ticks(low: float, high: float, most: int) -> Iterator[Tick]:
    least = (high - low) / max(1, most - 1)
    step = next((step for step in _TIME_STEPS if step >= least), None)
    if step is not None:
        for number in range(math.ceil(low / step), math.floor(high / step) + 1):
            yield Tick(number * step, _moment(number * step, step))
        return
    months = next((months for months in _MONTH_STEPS if months * _MONTH_SECONDS >= least), _MONTH_STEPS[-1])
    begin = _at(low)
    month = begin.year * 12 + begin.month - 1
    month -= month % months
    while month < 12 * 10_000:
        if month >= 12:
            value = (datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC) - _EPOCH).total_seconds()
            if value > high:
                return
            if value >= low:
                yield Tick(value, f"{month // 12:04}" if months % 12 == 0 else f"{month // 12:04}-{month % 12 + 1:02}")
        month += months


def _moment(seconds: float, step: float) -> str:
    form = "%m-%d %H:%M:%S" if step < 60 else "%m-%d %H:%M" if step < _DAY else "%Y-%m-%d"
    return _at(seconds).strftime(form)


def _at(seconds: float) -> datetime:
    return _EPOCH + timedelta(seconds=seconds)
