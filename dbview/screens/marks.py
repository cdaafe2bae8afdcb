"""Mark entries and compare them. The application keeps the marks, across tables and screens."""

from __future__ import annotations

import asyncio
from typing import Protocol, cast

from textual.binding import Binding

from dbview.query.relation import Role
from dbview.query.view import EntryPlace
from dbview.screens.base import ViewerScreen
from dbview.source.reader import Reader
from dbview.source.view.scan import Cancelled
from recorder.layout.tables import GEN_CFG_ID

MARK_BINDING = Binding(
    "space",
    "mark",
    "mark",
    id="entries.mark",
    tooltip="Mark the entry, to compare it with others; again takes the mark away.",
)

UNMARK_BINDING = Binding(
    "U",
    "unmark",
    "unmark all",
    id="entries.unmark",
    show=False,
    tooltip="Take all marks away, those in other tables too.",
)

COMPARE_BINDING = Binding(
    "c",
    "compare",
    "compare",
    id="entries.compare",
    tooltip="Compare what is marked; else with a good entry near by.",
)

MOST_MARKS = 20
"""Entries that can be marked at a time."""


class Marks:
    """Entries that were marked, in the order in which they were."""

    def __init__(self) -> None:
        self._places: list[EntryPlace] = []

    @property
    def places(self) -> tuple[EntryPlace, ...]:
        """What is marked."""
        return tuple(self._places)

    @property
    def words(self) -> str:
        """How many are marked, and what can be done with them; empty if none is."""
        if not self._places:
            return ""
        return f"{len(self._places)} marked · {'c compares them' if len(self._places) > 1 else 'c compares with it'}"

    def keys_in(self, relation: str) -> frozenset[int]:
        """Return the keys of those marked in a relation."""
        return frozenset(place.key for place in self._places if place.relation == relation)

    def toggle(self, place: EntryPlace) -> bool:
        """Mark an entry, or take its mark away; False if too many are marked already."""
        if place in self._places:
            self._places.remove(place)
        elif len(self._places) < MOST_MARKS:
            self._places.append(place)
        else:
            return False
        return True

    def clear(self) -> None:
        """Take all marks away."""
        self._places.clear()


class _KeepsMarks(Protocol):
    marks: Marks


def marks_of(screen: ViewerScreen) -> Marks:
    """Return the marks that the application keeps."""
    return cast(_KeepsMarks, screen.app).marks


def toggle_mark(screen: ViewerScreen, place: EntryPlace) -> None:
    """Mark an entry, or take its mark away."""
    if not marks_of(screen).toggle(place):
        screen.notify(f"{MOST_MARKS} entries are marked; more cannot be compared at a time.", markup=False)


def compare_marked(screen: ViewerScreen, place: EntryPlace) -> None:
    """Compare what is marked; one marked entry, or else a good one, with the current one."""
    marked = marks_of(screen).places
    if len(marked) > 1:
        _open(screen, marked)
    elif marked and marked[0] != place:
        _open(screen, (marked[0], place))
    else:
        screen.start(lambda: _compare_with_good(screen, place), "compare")


async def _compare_with_good(screen: ViewerScreen, place: EntryPlace) -> None:
    from dbview.source.entries.beside import did_not_complete
    from dbview.source.entries.tries import good_after, good_before

    relation = screen.source.relation(place.relation)
    columns = [column for column in (relation.find(GEN_CFG_ID), relation.of_role(Role.STATUS)) if column]

    def find(reader: Reader, cancelled: Cancelled) -> int | None:
        rows = reader.rows(relation, columns, [place.key])
        if not rows or len(columns) < 2:
            return None
        header, status = rows[0].cells
        # Of one that failed, the good one that its own screen names.
        find_good = good_after if did_not_complete(status) else good_before
        return find_good(reader, relation, place.key, header, cancelled)

    key = await asyncio.wrap_future(screen.scheduler.scan(find).future)
    if key is None:
        screen.notify("There is no good entry before this one. Space marks entries to compare.", markup=False)
    else:
        first, last = sorted((key, place.key))
        _open(screen, (EntryPlace(place.relation, first), EntryPlace(place.relation, last)))


def _open(screen: ViewerScreen, places: tuple[EntryPlace, ...]) -> None:
    from dbview.screens.compare.screen import CompareScreen

    screen.app.push_screen(CompareScreen(screen.source, screen.scheduler, places))
