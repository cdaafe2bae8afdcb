"""Lay a comparison out in columns: a name, a value for each of those compared, and by how much two of them differ."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from dbview.compare.groups import Comparison, Group, Head
from dbview.compare.job import job_variables
from dbview.screens.sections import WIDEST_NAME, Section, page_lines
from dbview.text import visible
from dbview.widgets.drawing import pad
from dbview.widgets.listing import Line, Span
from dbview.widgets.symbols import status_symbol, status_tone

_NARROWEST = 16
"""Cells of a value; where there is room for fewer, fewer columns are shown at a time."""

_OF_TWO = 19
"""Cells of each of two values before there is room for their change: a moment to the second."""


@dataclass(frozen=True)
class Columns:
    """How many cells each part of a line takes.

    Attributes:
        name: Of the name.
        value: Of one value.
        change: Of the change; 0 if there is none to show, or no room left. The detail strip has it in any case.
        first: Number of the first column that is shown.
        shown: How many columns are.
    """

    name: int
    value: int
    change: int
    first: int
    shown: int


def columns_of(comparison: Comparison, width: int, first: int) -> Columns:
    """Return how the columns of a comparison share the width of a screen.

    Args:
        comparison: What is shown.
        width: Cells of a line.
        first: Which column is to be the first, 0 being the oldest; fewer if all later ones fit.
    """
    count = len(comparison.heads)
    listed = [(aspect, one) for group in comparison.groups for aspect in group.aspects for one in aspect.differences]
    names = max((cell_len(visible(one.name)) for _aspect, one in listed), default=0)
    name = max(8, min(names, WIDEST_NAME, width // 3))
    room = width - name - 5
    if count == 2:  # never one without the other
        left = room - 2 * (_OF_TWO + 2) - 2
        changes = [cell_len(aspect.change_words(one)) for aspect, one in listed]
        change = max((cells for cells in changes if cells <= left), default=0)
        room -= change + 2 if change else 0
        return Columns(name, max(1, room // 2 - 2), change, 0, 2)
    shown = max(1, min(count, room // (_NARROWEST + 2)))
    return Columns(name, max(1, room // shown - 2), 0, max(0, min(first, count - shown)), shown)


def head_lines(heads: Sequence[Head], columns: Columns) -> tuple[Line, ...]:
    """Return the lines above the columns: what each is, how it ended, when."""
    shown = heads[columns.first : columns.first + columns.shown]
    hidden = len(heads) - len(shown)
    note = f"{hidden} more ←→" if hidden else ""
    blank = " " * (columns.name + 2)
    titles: list[Span] = [(pad(f"  {note}", columns.name + 2), "dim")]
    for head in shown:
        symbol = f"{status_symbol(head.status)} " if head.status is not None else ""
        titles.append((f"  {symbol}", status_tone(head.status)))
        titles.append((pad(head.title, columns.value - len(symbol)), "name"))
    below = [
        Line(
            (
                (blank, ""),
                *((f"  {pad(_short(head.lines[row], columns.value), columns.value)}", "dim") for head in shown),
            )
        )
        for row in range(min((len(head.lines) for head in shown), default=0))
    ]
    return (Line(tuple(titles)), *below)


def _short(text: str, width: int) -> str:
    """Return a moment without its zone where there is no room for it: all are in the same, and the seconds differ."""
    return text if cell_len(text) <= width else text.removesuffix(" UTC")


def comparison_lines(comparison: Comparison, columns: Columns, toggled: Collection[str]) -> list[Line]:
    """Return the lines of a comparison; the key of a difference is ``difference:group:aspect:number``."""
    sections = [_section(number, group, columns) for number, group in enumerate(comparison.groups)]
    lines = page_lines((), sections, toggled)
    if not comparison.groups and comparison.complete:
        lines += [Line(), Line(((" Nothing differs.", ""),), key="nothing")]
    if not comparison.complete:
        lines += [Line(), Line(((" comparing …", "dim"),))]
    for number, note in enumerate(comparison.notes):
        lines += [Line(), Line(((f" {note}", "dim"),), key=f"note:{number}", indent=3)]
    return lines


DIFFERENCE = "difference:"
"""Begins the key of a line about a difference."""


def _section(number: int, group: Group, columns: Columns) -> Section:
    lines: list[Line] = []
    for place, aspect in enumerate(group.aspects):
        if len(group.aspects) > 1:
            lines.append(Line(((f"   {aspect.title.lower()}", "dim"),)))
        for index, difference in enumerate(aspect.differences):
            key = f"{DIFFERENCE}{number}:{place}:{index}"
            texts = aspect.texts(difference)[columns.first : columns.first + columns.shown]
            spans: list[Span] = [(f"   {pad(visible(difference.name), columns.name)}", "name")]
            spans += [(f"  {pad(text, columns.value)}", "") for text in texts]
            change = aspect.change_words(difference)
            if 0 < cell_len(change) <= columns.change:  # part of a number would be another number
                spans.append((f"  {change}", "dim"))
            lines.append(Line(tuple(spans), key))
        if aspect.has_more:
            lines.append(Line((("   … and more", "dim"),)))
    return Section(visible(group.title), lines, _note(group))


def _note(group: Group) -> str:
    aspects = group.aspects
    entries = "  ".join(f"{status_symbol(head.status)} {head.title}" for head in group.heads)
    count = sum(len(aspect.differences) for aspect in aspects)
    of_run, of_job = sum(aspect.of_run for aspect in aspects), sum(aspect.of_job for aspect in aspects)
    parts = [entries] if entries else []
    if count:
        share = "" if of_run == count else f" · {of_run:,} of them"
        own = f"{share or ','} by the run's number alone" if of_run else ""
        parts.append(f"{count:,} differ{'s' * (count == 1)}{own}")
    parts += [f"{job_variables(of_job)} left out"] if of_job else []
    return " · ".join(parts)
