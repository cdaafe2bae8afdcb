"""Draw how many rows are valid and how many are not, as a bar and in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from dbview.text import visible
from dbview.widgets.listing import Span
from dbview.widgets.symbols import INVALID, UNKNOWN, outcome_symbol, validity_symbol

if TYPE_CHECKING:
    from dbview.source.view.outcomes import Outcome

_VALID, _NOT_VALID, _UNKNOWN = "█", "▒", "░"
_LEAST_BAR = 10


class ShareBar(Widget):
    """One line that follows the filter: the share of valid rows, then how many there are, by status.

    How far a scan has come is no part of the bar; it stands in words at the right end.

    Attributes:
        outcomes: Rows by how they went, as far as they are counted; None before.
        progress: Words for how far the count has come; empty once it is complete.
    """

    DEFAULT_CSS = """
ShareBar { height: 1; }
"""
    _COLOURS: ClassVar[dict[str, str]] = {
        "good": "$text-success",
        "bad": "$text-error",
        "late": "$text-warning",
        "busy": "$text-primary",
        "dim": "$text-muted",
    }

    outcomes: reactive[Mapping[Outcome, int] | None] = reactive(None)
    progress: reactive[str] = reactive("")

    def render(self) -> Content:
        """Draw the line."""
        outcomes, width = self.outcomes, self.size.width
        if outcomes is None:
            return Content("")
        words = outcome_words(outcomes)
        end = f"  {visible(self.progress)} " if self.progress else " "
        room = width - 3 - cell_len(words) - cell_len(end)
        bar = [self._drawn(span) for span in bar_spans(outcomes, room)] if room >= _LEAST_BAR else []
        parts = [
            Content(" "),
            *bar,
            Content("  " if bar else ""),
            Content(words),
            Content.assemble((end, "$text-muted")),
        ]
        return Content("").join(parts)

    def _drawn(self, span: Span) -> Content:
        text, tone = span
        return Content.assemble((text, self._COLOURS.get(tone, "")))


def bar_spans(outcomes: Mapping[Outcome, int], width: int) -> list[Span]:
    """Return a bar of so many cells, in parts for valid, not valid, and validity unknown.

    Whatever there is one row of takes at least a cell, if there is room for it.
    """
    counts = _by_validity(outcomes)
    total = sum(counts.values())
    if not total or width <= 0:
        return []
    parts = [(_VALID, "good", counts[" "]), (_NOT_VALID, "late", counts[INVALID]), (_UNKNOWN, "dim", counts[UNKNOWN])]
    cells = [max(1, round(width * count / total)) if count else 0 for _mark, _tone, count in parts]
    while sum(cells) != width:
        # The largest part gives or takes what rounding left.
        largest = cells.index(max(cells))
        cells[largest] += 1 if sum(cells) < width else -1
    return [(mark * size, tone) for (mark, tone, _count), size in zip(parts, cells, strict=True) if size]


def outcome_words(outcomes: Mapping[Outcome, int]) -> str:
    """Return ``8 valid · 3 not: F1 T1 C1``; for rows without validity only how many there are."""
    counts = _by_validity(outcomes)
    total = sum(counts.values())
    if counts[UNKNOWN] == total:
        return f"{total:,} row{'s' * (total != 1)}"
    parts = [f"{counts[' ']:,} valid"]
    if counts[INVALID]:
        statuses = " ".join(f"{symbol}{count:,}" for symbol, count in _symbols(outcomes))
        parts.append(f"{counts[INVALID]:,} not: {statuses}")
    if counts[UNKNOWN]:
        parts.append(f"{counts[UNKNOWN]:,} unknown")
    return " · ".join(parts)


def _by_validity(outcomes: Mapping[Outcome, int]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for outcome, count in outcomes.items():
        counts[validity_symbol(outcome.valid)] += count
    return counts


def _symbols(outcomes: Mapping[Outcome, int]) -> list[tuple[str, int]]:
    """Return how many of what is not valid have each symbol, the most first."""
    counts: Counter[str] = Counter()
    for outcome, count in outcomes.items():
        if validity_symbol(outcome.valid) == INVALID:
            counts[outcome_symbol(outcome.status, outcome.valid)] += count
    return counts.most_common()
