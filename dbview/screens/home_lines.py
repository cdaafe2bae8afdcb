"""Lay out what a file holds as lines: sections of relations, with how much is in each and how it went."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from rich.cells import cell_len

from dbview.query.relation import Relation, RelationKind
from dbview.source.numbers.tally import Tally
from dbview.text import visible
from dbview.widgets.drawing import pad
from dbview.widgets.listing import Line, Span
from dbview.widgets.symbols import outcome_symbol, outcome_tone, status_symbol

SECTIONS = (
    ("Tasks", (RelationKind.TASK,)),
    ("Shared configuration", (RelationKind.SHARED,)),
    ("Other tables", (RelationKind.PLAIN, RelationKind.VIEW)),
    ("Bookkeeping", (RelationKind.INTERNAL,)),
)

_ROOM_FOR_NAMES = 44
_NARROWEST = 20
_COUNT_WIDTH = 11
_TIME_WIDTH = len("2024-02-14 16:28")
_BESIDE_NAME = _COUNT_WIDTH + _TIME_WIDTH + 37
"""Cells for what stands beside a name."""


@dataclass(frozen=True)
class Activity:
    """What is known of a relation so far.

    Attributes:
        tally: Its rows by status and validity, or just counted.
        newest: Newest timestamp as stored.
        trouble: In words, why it could not be counted.
    """

    tally: Tally | None = None
    newest: str | None = None
    trouble: str = ""


def width_of_names(relations: Iterable[Relation], width: int) -> int:
    """Return how many cells names are given on lines of some width: as many as the longest needs, if there is room."""
    longest = max((cell_len(visible(relation.name)) for relation in relations), default=0)
    return max(_NARROWEST, min(longest, max(_ROOM_FOR_NAMES, width - _BESIDE_NAME)))


def heading_line(title: str, kinds: tuple[RelationKind, ...], name_width: int) -> Line:
    """Return the line over a section: what it is, and what stands beside each name."""
    is_of_tasks = RelationKind.TASK in kinds
    count = pad("entries" if is_of_tasks else "rows", _COUNT_WIDTH, right=True)
    words = f"{count}  {pad('newest, UTC', _TIME_WIDTH)}  how they ended" if is_of_tasks else count
    return Line(((f" {pad(title, name_width + 2)}", "heading"), (words, "dim")), is_heading=True)


def relation_line(relation: Relation, activity: Activity, name_width: int) -> Line:
    """Return the line of a relation: its name, its rows, when the newest came, and of entries how they ended."""
    is_empty = activity.tally is not None and activity.tally.complete and not activity.tally.total
    spans: list[Span] = [(f"   {pad(visible(relation.name), name_width)}", "dim" if is_empty else "")]
    if activity.trouble:
        spans.append((f"  {activity.trouble}", "error"))
    elif activity.tally is None:
        spans.append((pad("…", _COUNT_WIDTH, right=True), "dim"))
    else:
        more = "" if activity.tally.complete else "+"
        spans.append((pad(f"{activity.tally.total:,}{more}", _COUNT_WIDTH, right=True), "dim" if is_empty else ""))
        spans.append((f"  {pad(visible(activity.newest or '')[:_TIME_WIDTH], _TIME_WIDTH)}  ", "dim"))
        if relation.kind is RelationKind.TASK:
            spans += _status_spans(activity.tally)
    return Line(tuple(spans), key=relation.name)


def _status_spans(result: Tally) -> list[Span]:
    """Return ``✓41 ✓x2 F2 T1``: each entry counts once, completed ones that are marked not valid by themselves."""
    counts: Counter[tuple[str, str]] = Counter()
    for (status, valid), count in result.counts.items():
        counts[outcome_symbol(status, valid), outcome_tone(status, valid)] += count
    completed = status_symbol("COMPLETED")
    in_order = sorted(counts.items(), key=lambda item: (not item[0][0].startswith(completed), item[0]))
    return [(f"{symbol}{count:,} ", tone) for (symbol, tone), count in in_order]
