"""Say below the overview what its current cell is about, and how an entry that is not good differs from a good one."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from dbview.errors import NotFound
from dbview.query.relation import Relation, Role
from dbview.screens.base import ViewerScreen
from dbview.screens.overview.run_cells import attention_spans, detail_lines, is_open, place_words
from dbview.screens.overview.run_table import RunPlace
from dbview.source.entries.runs import RunCell
from dbview.source.reader import Reader
from dbview.source.view.scan import Cancelled
from dbview.text import cell_text, visible
from dbview.widgets.detail import DetailStrip
from dbview.widgets.listing import Line
from dbview.widgets.symbols import status_symbol, status_tone

if TYPE_CHECKING:
    from dbview.source.entries.record import Record

_MOST_NAMES = 4
"""Parameters that are named."""


class CellStrip(DetailStrip):
    """A rule and four lines."""

    DEFAULT_CSS = """
CellStrip { height: 5; }
"""


class CellDetail:
    """What is said of the cell that was asked for last.

    Args:
        screen: Reads it.

    Attributes:
        strip: Shows it.
    """

    def __init__(self, screen: ViewerScreen) -> None:
        self._screen = screen
        self.strip = CellStrip()

    async def tell(self, place: RunPlace | None) -> None:
        """Say what is known of a cell; what takes longer is added when it is known."""
        # Here and below only once there are cells: the overview is on the screen before.
        from dbview.source.entries.record import read_record

        if place is None:
            self.strip.lines = ()
            return
        cell, relation, relations = place.cell, place.relation, self._screen.source.relations()
        words = place_words(relation.name, place.run.run, cell)
        if cell is None:
            self.strip.lines = (Line(((words, ""),)),)
            return
        try:
            record = await self._screen.read(lambda reader: read_record(reader, relations, relation, cell.newest.key))
        except NotFound:
            gone = Line((("This entry is gone; r reads the file again.", "late"),))
            self.strip.lines = (Line(((words, ""),)), gone)
            return
        lines, attention = detail_lines(words, cell, record.masked()), attention_spans(cell)
        self.strip.lines = (*lines, Line(attention))
        if is_open(cell) and status_tone(cell.newest.status) != "busy":
            difference = await self._difference(relations, record, cell)
            between = (("  ", ""),) if attention and difference else ()
            self.strip.lines = (*lines, Line((*attention, *between, (difference, ""))))

    async def _difference(self, relations: Sequence[Relation], record: Record, cell: RunCell) -> str:
        good = cell.valid.key if cell.valid else None

        def job(reader: Reader, cancelled: Cancelled) -> str:
            return difference_from_good(reader, relations, record, good, cancelled)

        scan = self._screen.scheduler.scan(job)
        try:
            return await asyncio.wrap_future(scan.future)
        finally:
            # The cursor may have moved on.
            scan.cancel()


def difference_from_good(
    reader: Reader, relations: Sequence[Relation], record: Record, good: int | None, cancelled: Cancelled
) -> str:
    """Return which parameters differ, ``differs from run 21 (✓): only in_file``; empty if there is no good entry.

    Paths that differ by the run's number alone are not named: they say nothing of why a run went otherwise.

    Args:
        reader: Used by this call alone while it runs.
        relations: All relations of the source.
        record: The entry, its secrets not masked.
        good: A good entry; None to look for the next one after it, else the last one before, whatever its run.
        cancelled: Asked between steps.
    """
    from dbview.compare.entries import compare_parameters
    from dbview.source.entries.record import read_record
    from dbview.source.entries.tries import good_around

    key = good if good is not None else good_around(reader, record.relation, record.key, cancelled)
    if key is None:
        return ""
    try:
        other = read_record(reader, relations, record.relation, key)
    except NotFound:  # removed since it was found
        return ""
    aspect = compare_parameters([other, record])
    telling = len(aspect.differences) - aspect.of_run
    names = [visible(difference.name) for difference in aspect.differences[:telling]]
    which = f"{_name(other, record)} ({status_symbol(other.role(Role.STATUS))})"
    if not names:
        return (
            f"differs from {which}: only the run's own files" if aspect.of_run else f"no parameter differs from {which}"
        )
    more = len(names) - _MOST_NAMES
    rest = f" and {more}{' or more' if aspect.has_more else ''} others" if more > 0 else ""
    return f"differs from {which}: {'only ' if len(names) == 1 else ''}{', '.join(names[:_MOST_NAMES])}{rest}"


def _name(other: Record, record: Record) -> str:
    """Return what a good entry is called beside another: by its run, or by its id where that is the same."""
    own, others = ((one.role(Role.EXPERIMENT), one.role(Role.RUN)) for one in (record, other))
    if own == others:
        return f"#{other.key} of this run"
    return f"run {cell_text(others[1])}" + (f" of {cell_text(others[0])}" if own[0] != others[0] else "")
