"""Follow a table: rows that come or change appear where they belong, and nothing under the cursor moves."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING

from dbview.query.relation import Relation
from dbview.query.view import View
from dbview.screens.base import ViewerScreen
from dbview.screens.follow import CHANGED, HIGHLIGHT_SECONDS, NEW, REST
from dbview.screens.table.arrangement import Arrangement
from dbview.secrets import without_secrets
from dbview.source.entries.arrivals import Arrivals, Seen, look_for_arrivals, newest_of
from dbview.source.reader import Reader
from dbview.source.view.order import Order
from dbview.source.view.snapshot import Snapshot
from dbview.values import Row
from dbview.widgets.grid import Grid
from dbview.widgets.window import Part
from recorder.layout.tables import GEN_CFG_ID

if TYPE_CHECKING:
    from dbview.source.entries.record import Record

_ATTEMPTS = 3
"""How often rows are read anew because somebody moved the cursor meanwhile."""


class Following:
    """What keeps a table up to date while it is followed.

    Args:
        screen: Shows the table.
        grid: Shows its rows.
        arrangement: Knows their order.
        tell: Counts how they went and the like, what takes a look at all of them; the last argument is the result of
            putting them in order anew, None where they were not.

    Attributes:
        is_on: True while the table is followed.
    """

    def __init__(
        self,
        screen: ViewerScreen,
        grid: Grid,
        arrangement: Arrangement,
        tell: Callable[[Relation, View, Snapshot | None], Awaitable[None]],
    ) -> None:
        self._screen = screen
        self._grid = grid
        self._arrangement = arrangement
        self._tell = tell
        self._seen = Seen(None)
        self._generation = -1
        self._is_looking = False
        self._wanted: tuple[Relation, View, Callable[[], None]] | None = None
        self._signs: dict[int, str] = {}
        self._to_mark: dict[int, str] = {}
        self._left_out: frozenset[int] = frozenset()
        self._sorting, self._counting = _Paced(screen, "sorting"), _Paced(screen, "counting")
        self.is_on = False

    @property
    def words(self) -> str:
        """What is said of it beside the rows."""
        if not self.is_on:
            return ""
        if self._seen.token is None:
            return "following …"
        left_out = len(self._left_out)
        return f"following · f{f' · {left_out:,} new, not in this filter' if left_out else ''}"

    def begin(self, newest: int | None) -> None:
        """Follow from now on; rows with greater keys than the newest that was seen are new."""
        self.is_on = True
        self._seen, self._generation = Seen(newest), self._arrangement.generation
        self._left_out = frozenset()

    def end(self) -> None:
        """Follow no longer."""
        self.is_on = False

    def look(self, relation: Relation, view: View, after: Callable[[], None]) -> None:
        """Look for what has come and show it, beside the interface; a look that is under way is followed by another.

        Args:
            relation: The table.
            view: What is shown of it.
            after: Called when something was shown.
        """
        if not self.is_on:
            return
        self._wanted = relation, view, after
        if not self._is_looking:
            self._is_looking = True
            self._screen.start(self._look, "follow")

    async def _look(self) -> None:
        try:
            while self._wanted is not None and self.is_on:
                (relation, view, after), self._wanted = self._wanted, None
                await self._look_once(relation, view)
                after()
        finally:
            self._is_looking = False

    async def _look_once(self, relation: Relation, view: View) -> None:
        order, generation = self._arrangement.order, self._arrangement.generation
        if order is None or self._arrangement.is_running:
            # The end of the scan looks again.
            return
        if generation != self._generation:
            self._seen, self._generation = Seen(self._seen.high), generation
            self._left_out = frozenset()
        seen, shown = self._seen, self._grid.shown_keys
        found = await self._screen.read(
            lambda reader: look_for_arrivals(reader, relation, view, order, seen, shown),
        )
        if found is None or generation != self._arrangement.generation or not self.is_on:
            return
        self._seen = found.seen
        # One that is left out may come to be found, as one that has ended.
        self._left_out = (self._left_out | found.left_out) - found.new
        if found.order is None:
            self._to_mark |= _signs(found)
            self._sorting.ask(lambda: self._sort(relation, view))
            return
        self._mark(_signs(found))
        self._arrangement.amend(found.order, found.added)
        await self.show(found.order)
        if found.new or found.changed or found.added:
            self._counting.ask(lambda: self._tell(relation, view, None))

    async def _sort(self, relation: Relation, view: View) -> None:
        """Put all rows in order anew, in the background; the rows stand as they are until that is done."""
        if self._arrangement.is_running or self._generation != self._arrangement.generation:
            return
        self._arrangement.arrange(relation, view, is_quiet=True)
        self._generation = self._arrangement.generation
        if arranged := await self._arrangement.until_ended():
            signs, self._to_mark = self._to_mark, {}
            self._mark(signs)
            self._counting.ask(lambda: self._tell(relation, view, arranged))
            self.look(relation, view, lambda: None)

    async def show(self, order: Order) -> None:
        """Show the rows in an order, the current one on its line of the screen; at the very top the first one is."""
        for _attempt in range(_ATTEMPTS):
            key, before = self._grid.key, self._grid.position
            position: int | None = 0
            if before > 0 and key is not None:
                position = await self._screen.read(partial(order.position_of, key=key))
            if position is None:
                # It is no longer among them: what takes its place is the current one.
                position = min(before, max(0, order.length - 1))
            part = self._grid.part_at(position, order.length)
            rows = await self._screen.read(partial(_rows, order, part))
            if (self._grid.key, self._grid.position) == (key, before) and self._grid.part_at(
                position, order.length
            ) == part:
                self._grid.show_edition(order.length, position, part, without_secrets(part.columns, rows))
                return
        self._grid.show_rows(order.length)

    # What is marked as new

    def _mark(self, signs: dict[int, str]) -> None:
        if signs:
            self._signs |= signs
            self._grid.set_signs(self._signs)
            self._screen.set_timer(HIGHLIGHT_SECONDS, lambda: self._unmark(signs))

    def _unmark(self, signs: dict[int, str]) -> None:
        self._signs = {key: sign for key, sign in self._signs.items() if key not in signs}
        self._grid.set_signs(self._signs)


def _rows(order: Order, part: Part, reader: Reader) -> list[Row]:
    return order.rows(reader, part.columns, part.start, part.stop)


def _signs(found: Arrivals) -> dict[int, str]:
    return dict.fromkeys(found.changed, CHANGED) | dict.fromkeys(found.new, NEW)


def newest_of_run(reader: Reader, record: Record, above: int) -> tuple[int | None, int]:
    """Return the newest entry of the Task and run of an entry above a key, and up to which key was looked."""
    from dbview.source.entries.tries import run_condition

    condition = run_condition(reader, record.relation, record.cells[GEN_CFG_ID])
    return newest_of(reader, record.relation, condition, above)


def has_changed(reader: Reader, record: Record) -> bool:
    """Tell whether an entry's row is another than the one that was read, and masked."""
    columns = record.relation.stored
    rows = without_secrets(columns, reader.rows(record.relation, columns, [record.key], clip=False))
    return not rows or rows[0].cells != tuple(record.cells[column.name] for column in columns)


class _Paced:
    """A job that is done again whenever somebody asks, but only after a rest.

    Args:
        screen: Runs it, beside the interface.
        group: What it takes the place of.
    """

    def __init__(self, screen: ViewerScreen, group: str) -> None:
        self._screen = screen
        self._group = group
        self._job: Callable[[], Awaitable[None]] | None = None
        self._is_running = False

    def ask(self, job: Callable[[], Awaitable[None]]) -> None:
        """Do this job, at once or after the rest; of several that wait, the last is done."""
        self._job = job
        if not self._is_running:
            self._is_running = True
            self._screen.start(self._run, self._group)

    async def _run(self) -> None:
        try:
            while self._job is not None:
                job, self._job, began = self._job, None, time.monotonic()
                await job()
                await asyncio.sleep(REST * (time.monotonic() - began))
        finally:
            self._is_running = False
