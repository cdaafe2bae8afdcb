"""Lay out the numbers of groups as lines: how many, their mean with a bar, the least and the greatest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rich.cells import cell_len

from dbview.query.relation import Column
from dbview.screens.numbers.group_lines import WIDEST_BAR, WIDEST_VALUE, in_order, value_text
from dbview.screens.numbers.statistics_lines import bar
from dbview.source.numbers.groups import Groups
from dbview.text import cell_text, visible
from dbview.widgets.drawing import pad
from dbview.widgets.listing import Line


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
        [f"{found.count:,}", *map(_text, (found.mean, found.low, found.high))]
        for found in map(known.__getitem__, values)
    ]
    titles = ("numbers", "mean", "min", "max")
    widths = [max(map(len, column)) for column in zip(titles, *rows, strict=True)]
    room = max(4, min(width - label_width - sum(widths) - 2 * len(widths) - 8, WIDEST_BAR))
    most = max((abs(found.mean) for found in known.values()), default=0) or 1

    def line(label: str, texts: Sequence[str]) -> str:
        return f"   {pad(label, label_width)}" + "".join(
            f"  {text:>{room}}" for text, room in zip(texts, widths, strict=True)
        )

    named = f"  {visible(columns[1].label)}"
    lines = [Line(((line(visible(columns[0].label), titles), "heading"), (named, "name")), is_heading=True)]
    for value, texts in zip(values, rows, strict=True):
        share = bar(min(1.0, abs(known[value].mean) / most), room)
        lines.append(Line(((line(value_text(columns[0], value), texts), ""), (f"  {share}", "name")), key=repr(value)))
    return lines


def _text(number: int | float) -> str:
    return cell_text(number) if isinstance(number, int) else f"{number:.6g}"
