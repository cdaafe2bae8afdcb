"""Say in words what the values of a column are like."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from dbview.source.numbers.axis import Bin
from dbview.source.numbers.histogram import Histogram
from dbview.source.numbers.statistics import Numbers, Statistics, Texts
from dbview.values import Cell

Facts = list[tuple[str, str]]
"""Names and what is known by them."""

_EXAMPLES = 5


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


def count_facts(found: Statistics) -> Facts:
    """Return how many rows and different values there are, and what of them is neither number nor text."""
    facts = [("rows", f"{found.rows:,}")]
    if found.nulls:
        facts.append(("NULL", _of_all(found.nulls, found.rows)))
    different = f"more than {found.distinct:,}" if found.has_more else f"{found.distinct:,}"
    same = found.distinct == 1 and not found.has_more and found.rows > found.nulls + 1
    facts.append(("different values", f"{different}, all the same" if same else different))
    facts += [(name, f"{count:,}") for name, count in (("infinite", found.infinite), ("blobs", found.blobs)) if count]
    return facts


def _of_all(count: int, rows: int) -> str:
    share = 100 * count / rows
    return f"{count:,}  ({share:.0f} %)" if 1 <= share <= 99 or count == rows else f"{count:,}  ({share:.2g} %)"


def number_facts(found: Statistics) -> Facts:
    """Return what is known of the numbers; nothing if there are none."""
    numbers: Numbers | None = found.numbers
    if numbers is None:
        return []
    facts = [
        ("count", _count_words(numbers)),
        ("smallest", number_text(numbers.low)),
        ("largest", number_text(numbers.high)),
        ("mean", number_text(numbers.mean)),
    ]
    if numbers.deviation is not None:
        facts.append(("standard deviation", number_text(numbers.deviation)))
    if numbers.median is not None:
        facts.append(("median", number_text(numbers.median)))
    else:
        facts.append(("median", f"not known beyond {found.distinct:,} different values"))
    return facts


def _count_words(numbers: Numbers) -> str:
    """Return how many numbers there are; of which kinds, only where they are of two."""
    texts, others = numbers.spelled, numbers.count - numbers.spelled
    if not texts or not others:
        return f"{numbers.count:,}"
    kinds = f"{others:,} number{'s' * (others != 1)}, {texts:,} text{'s' * (texts != 1)}"
    return f"{kinds} that read{'s' * (texts == 1)} as {'numbers' if texts != 1 else 'a number'}"


def text_facts(texts: Texts) -> Facts:
    """Return what is known of the texts that spell no number."""
    if texts.shortest == texts.longest:
        return [("count", f"{texts.count:,}"), ("length", f"{texts.shortest:,} character{'s' * (texts.shortest != 1)}")]
    lengths = f"{texts.shortest:,} to {texts.longest:,} characters"
    return [("count", f"{texts.count:,}"), ("length", f"{lengths}, {number_text(round(texts.mean, 1))} on average")]


def histogram_of(found: Statistics) -> Histogram | None:
    """Return the histogram of the numbers; None where it would say nothing, of a single number."""
    numbers = found.numbers
    return None if numbers is None or numbers.low == numbers.high else numbers.histogram


def histogram_words(histogram: Histogram) -> str:
    """Return how wide its bins are."""
    if histogram.is_logarithmic:
        return "logarithmic"
    (first, _count), *_others = histogram.bins
    return f"each {number_text(first.high - first.low)} wide" if len(histogram.bins) > 1 else ""


def bin_text(each: Bin) -> str:
    """Return from where to where a bin goes."""
    return f"{number_text(each.low)} to < {number_text(each.high)}"


@dataclass(frozen=True, slots=True)
class Told:
    """Values that are told one by one.

    Attributes:
        title: What they are.
        note: What is to be said of that.
        values: The values and their rows.
        are_examples: True if each has one row, as all others have.
    """

    title: str
    note: str
    values: Sequence[tuple[Cell, int]]
    are_examples: bool = False


def values_told(found: Statistics) -> Told | None:
    """Return the most frequent values, or where none occurs twice a few examples; None where they say nothing more."""
    if not found.frequent or (found.distinct == 1 and found.numbers):
        return None
    _value, most = found.frequent[0]
    counted = f"of the {found.distinct:,} that are counted" if found.has_more else ""
    if most > 1 or found.distinct == 1:
        return Told("Most frequent values", counted, found.frequent)
    note = f"no value {counted} occurs twice".replace("  ", " ")
    return Told("Examples", note, found.frequent[:_EXAMPLES], are_examples=True)
