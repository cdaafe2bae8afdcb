"""Put the statistics of a column into lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rich.cells import cell_len

from dbview.query.relation import Column
from dbview.screens.numbers.group_lines import value_text
from dbview.screens.sections import named_lines
from dbview.source.numbers.axis import Bin, Value
from dbview.source.numbers.statistics import Statistics
from dbview.source.numbers.statistics_words import (
    bin_text,
    count_facts,
    histogram_of,
    histogram_words,
    number_facts,
    text_facts,
    values_told,
)
from dbview.widgets.drawing import fit_value, pad
from dbview.widgets.listing import Line, section

Choices = Mapping[str, Value]
"""The values that lines stand for, by the keys of the lines."""

_WIDEST_VALUE = 40
_WIDEST_BAR = 60
_EIGHTHS = " ▏▎▍▌▋▊▉█"


def statistics_lines(found: Statistics, column: Column, width: int) -> tuple[list[Line], Choices]:
    """Return the lines of a column's statistics, and what those stand for that can be chosen.

    Args:
        found: What is known.
        column: Of which column.
        width: Cells of a line.
    """
    lines = [*named_lines(count_facts(found))]
    choices: dict[str, Value] = {}
    if found.numbers:
        lines += [*section("Numbers"), *named_lines(number_facts(found))]
    if found.texts:
        lines += [*section("Texts"), *named_lines(text_facts(found.texts))]
    if histogram := histogram_of(found):
        lines += section("Histogram", histogram_words(histogram))
        lines += _bars(((each, count) for each, count in histogram.bins), column, width, choices, "bin")
    return lines + _values(found, column, width, choices), choices


def _values(found: Statistics, column: Column, width: int, choices: dict[str, Value]) -> list[Line]:
    told = values_told(found)
    if told is None:
        return []
    lines = section(told.title, told.note)
    if not told.are_examples:
        return [*lines, *_bars(told.values, column, width, choices, "value")]
    for number, (value, _once) in enumerate(told.values):
        choices[key := f"value:{number}"] = value
        lines.append(Line(((f"   {fit_value(_label(column, value), width - 4)}", ""),), key))
    return lines


def _bars(
    counts: Iterable[tuple[Value, int]], column: Column, width: int, choices: dict[str, Value], kind: str
) -> list[Line]:
    """Return a line for each value: what it is, its rows, and a bar."""
    pairs: Sequence[tuple[Value, int]] = list(counts)
    labels = [_label(column, value) for value, _count in pairs]
    most = max((count for _value, count in pairs), default=0) or 1
    label_width = min(max(map(cell_len, labels), default=1), _WIDEST_VALUE, max(8, width - 24))
    count_width = len(f"{most:,}")
    room = max(4, min(width - label_width - count_width - 9, _WIDEST_BAR))
    lines = []
    for number, ((value, count), label) in enumerate(zip(pairs, labels, strict=True)):
        key = f"{kind}:{number}"
        choices[key] = value
        text = f"   {pad(label, label_width)}  {count:>{count_width},}  "
        lines.append(Line(((text, "dim" if not count else ""), (bar(count / most, room), "name")), key))
    return lines


def _label(column: Column, value: Value) -> str:
    return bin_text(value) if isinstance(value, Bin) else value_text(column, value)


def bar(share: float, width: int) -> str:
    """Return a bar for a share of so many cells, to an eighth of a cell; what there is any of is seen."""
    eighths = max(1, round(share * width * 8)) if share > 0 else 0
    whole, rest = divmod(eighths, 8)
    return "█" * whole + (_EIGHTHS[rest] if rest else "")
