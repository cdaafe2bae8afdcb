"""Lay out the numbers of groups as lines: how many, their mean with a bar, the least and the greatest."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from rich.cells import cell_len

from dbview.query.relation import Column
from dbview.screens.numbers.group_lines import WIDEST_BAR, WIDEST_VALUE, value_text
from dbview.screens.numbers.statistics_lines import bar
from dbview.source.numbers.groups import Groups, Numbers
from dbview.source.numbers.value_order import in_order
from dbview.text import cell_text, visible
from dbview.widgets.drawing import pad
from dbview.widgets.listing import Line

_ZERO = "│"
_DIGITS = 6
_DECIMALS = 2
_MOST_BEFORE_POINT = 15


def number_lines(groups: Groups, columns: tuple[Column, Column], by_count: bool, width: int) -> list[Line]:
    """Return a heading and a line for each value of a column: how many numbers, their mean as a bar, least, greatest.

    Args:
        groups: The groups by the first column, with the numbers of the second.
        columns: These two.
        by_count: True to have those with most numbers first; False to sort by value.
        width: Cells of a line.
    """
    counts = Counter({values[0]: found.count for values, found in groups.numbers.items()})
    known = {values[0]: found for values, found in groups.numbers.items()}
    values = in_order(counts, by_count)
    label_width = min(max((cell_len(value_text(columns[0], value)) for value in values), default=1), WIDEST_VALUE)
    label_width = max(label_width, cell_len(visible(columns[0].label)))
    rows = [
        [f"{found.count:,}", _mean_text(found), *(_number_text(found, number) for number in (found.low, found.high))]
        for found in map(known.__getitem__, values)
    ]
    titles = ("numbers", "mean", "min", "max")
    widths = [max(map(len, column)) for column in zip(titles, *rows, strict=True)]
    room = max(4, min(width - label_width - sum(widths) - 2 * len(widths) - 8, WIDEST_BAR))
    means = [found.mean for found in known.values()]

    def line(label: str, texts: Sequence[str]) -> str:
        return f"   {pad(label, label_width)}" + "".join(
            f"  {text:>{room}}" for text, room in zip(texts, widths, strict=True)
        )

    named = f"  {visible(columns[1].label)}"
    lines = [Line(((line(visible(columns[0].label), titles), "heading"), (named, "name")), is_heading=True)]
    for value, texts in zip(values, rows, strict=True):
        drawn = signed_bar(known[value].mean, min(means), max(means), room)
        lines.append(Line(((line(value_text(columns[0], value), texts), ""), (f"  {drawn}", "name")), key=repr(value)))
    return lines


def signed_bar(number: float, low: float, high: float, width: int) -> str:
    """Return a bar for one of some numbers; where any of them is below zero, from a line at zero to either side.

    Args:
        number: What the bar is of.
        low: The least of the numbers.
        high: The greatest of them.
        width: Cells.
    """
    if low >= 0:
        return bar(number / high if high else 0, width)
    room, scale = width - len(_ZERO), max(-low, high)
    share = (-low / scale) / (-low / scale + max(high, 0) / scale)
    # What there is any of is seen, on either side.
    left = min(max(1, round(room * share)), room - (high > 0))
    if number >= 0:
        return " " * left + _ZERO + (bar(number / high, room - left) if high > 0 else "")
    cells = max(1, round(left * (number / low)))
    return " " * (left - cells) + "█" * cells + _ZERO


def _mean_text(found: Numbers) -> str:
    """Return the mean: exact, where it is whole as the numbers are."""
    mean = found.total / found.count
    is_whole = mean.denominator == 1 and isinstance(found.low, int) and isinstance(found.high, int)
    return _number_text(found, int(mean) if is_whole else found.mean)


def _number_text(found: Numbers, number: int | float) -> str:
    """Return a number of a group: a whole one in full, of others as many digits as the greatest asks for."""
    if isinstance(number, int):
        return cell_text(number)
    greatest = max(abs(found.low), abs(found.high))
    before_point = math.floor(math.log10(greatest)) + 1 if greatest else 0
    digits = max(_DIGITS, before_point + _DECIMALS) if before_point <= _MOST_BEFORE_POINT else _DIGITS
    return f"{number:.{digits}g}"
