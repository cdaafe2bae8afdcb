"""Put the statistics of a column into lines."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from rich.cells import cell_len

from dbview.query.relation import Column
from dbview.screens.numbers.group_lines import value_text
from dbview.screens.sections import named_lines
from dbview.source.numbers.axis import Bin, Value
from dbview.source.numbers.histogram import Histogram
from dbview.source.numbers.statistics import Numbers, Statistics, Texts
from dbview.widgets.drawing import fit_value, pad
from dbview.widgets.listing import Line, section

Choices = Mapping[str, Value]
"""The values that lines stand for, by the keys of the lines."""

_WIDEST_VALUE = 40
_WIDEST_BAR = 60
_EXAMPLES = 5
_EIGHTHS = " ▏▎▍▌▋▊▉█"


def statistics_lines(found: Statistics, column: Column, width: int) -> tuple[list[Line], Choices]:
    """Return the lines of a column's statistics, and what those stand for that can be chosen.

    Args:
        found: What is known.
        column: Of which column.
        width: Cells of a line.
    """
    lines = [*named_lines(_counts(found))]
    choices: dict[str, Value] = {}
    if found.numbers:
        lines += [*section("Numbers"), *named_lines(_of_numbers(found))]
    if found.texts:
        lines += [*section("Texts"), *named_lines(_of_texts(found.texts))]
    if found.numbers and found.numbers.low != found.numbers.high:
        histogram = found.numbers.histogram
        lines += section("Histogram", _bin_words(histogram))
        lines += _bars(((each, count) for each, count in histogram.bins), column, width, choices, "bin")
    if found.frequent and (found.distinct > 1 or not found.numbers):
        lines += _values(found, column, width, choices)
    return lines, choices


def _values(found: Statistics, column: Column, width: int, choices: dict[str, Value]) -> list[Line]:
    _value, most = found.frequent[0]
    counted = f"of the {found.distinct:,} that are counted" if found.has_more else ""
    if most > 1 or found.distinct == 1:
        return [*section("Most frequent values", counted), *_bars(found.frequent, column, width, choices, "value")]
    lines = section("Examples", f"no value {counted} occurs twice".replace("  ", " "))
    for number, (value, _once) in enumerate(found.frequent[:_EXAMPLES]):
        choices[key := f"value:{number}"] = value
        lines.append(Line(((f"   {fit_value(_label(column, value), width - 4)}", ""),), key))
    return lines


def number_text(number: float) -> str:
    """Return a number for people: at most seven digits, and none that say nothing."""
    if isinstance(number, int) and abs(number) < 10**15:
        return f"{number:,}"
    try:
        value = float(number)
    except OverflowError:
        return "∞"
    if value == 0 or 1e-4 <= abs(value) < 1e7:
        digits = max(0, 6 - math.floor(math.log10(abs(value)))) if value else 0
        text = f"{value:,.{digits}f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return (
        f"{value:.6e}".replace("e+", "e").replace("e0", "e").replace("e-0", "e-") if _is_long(value) else f"{value:g}"
    )


def _is_long(value: float) -> bool:
    return float(f"{value:g}") != value


def _counts(found: Statistics) -> list[tuple[str, str]]:
    rows = [("rows", f"{found.rows:,}")]
    if found.nulls:
        rows.append(("NULL", _of_all(found.nulls, found.rows)))
    different = f"more than {found.distinct:,}" if found.has_more else f"{found.distinct:,}"
    same = found.distinct == 1 and not found.has_more and found.rows > found.nulls + 1
    rows.append(("different values", f"{different}, all the same" if same else different))
    rows += [(name, f"{count:,}") for name, count in (("infinite", found.infinite), ("blobs", found.blobs)) if count]
    return rows


def _of_all(count: int, rows: int) -> str:
    share = 100 * count / rows
    return f"{count:,}  ({share:.0f} %)" if 1 <= share <= 99 or count == rows else f"{count:,}  ({share:.2g} %)"


def _of_numbers(found: Statistics) -> list[tuple[str, str]]:
    numbers: Numbers | None = found.numbers
    if numbers is None:
        return []
    rows = [
        ("count", _count_words(numbers)),
        ("smallest", number_text(numbers.low)),
        ("largest", number_text(numbers.high)),
        ("mean", number_text(numbers.mean)),
    ]
    if numbers.deviation is not None:
        rows.append(("standard deviation", number_text(numbers.deviation)))
    if numbers.median is not None:
        rows.append(("median", number_text(numbers.median)))
    else:
        rows.append(("median", f"not known beyond {found.distinct:,} different values"))
    return rows


def _count_words(numbers: Numbers) -> str:
    """Return how many numbers there are; of which kinds, only where they are of two."""
    texts, others = numbers.spelled, numbers.count - numbers.spelled
    if not texts or not others:
        return f"{numbers.count:,}"
    kinds = f"{others:,} number{'s' * (others != 1)}, {texts:,} text{'s' * (texts != 1)}"
    return f"{kinds} that read{'s' * (texts == 1)} as {'numbers' if texts != 1 else 'a number'}"


def _of_texts(texts: Texts) -> list[tuple[str, str]]:
    lengths = f"{texts.shortest:,}" if texts.shortest == texts.longest else f"{texts.shortest:,} to {texts.longest:,}"
    mean = "" if texts.shortest == texts.longest else f", {number_text(round(texts.mean, 1))} on average"
    return [("count", f"{texts.count:,}"), ("characters", f"{lengths}{mean}")]


def _bin_words(histogram: Histogram) -> str:
    if histogram.is_logarithmic:
        return "logarithmic"
    (first, _count), *_others = histogram.bins
    return f"each {number_text(first.high - first.low)} wide" if len(histogram.bins) > 1 else ""


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
    if isinstance(value, Bin):
        return f"{number_text(value.low)} to < {number_text(value.high)}"
    return value_text(column, value)


def bar(share: float, width: int) -> str:
    """Return a bar for a share of so many cells, to an eighth of a cell; what there is any of is seen."""
    eighths = max(1, round(share * width * 8)) if share > 0 else 0
    whole, rest = divmod(eighths, 8)
    return "█" * whole + (_EIGHTHS[rest] if rest else "")
