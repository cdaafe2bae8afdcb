"""Follow the runs: entries that come or change appear in their cells, and the cursor stays on its run and Task."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta

from dbview.screens.base import ViewerScreen
from dbview.screens.follow import CHANGED, HIGHLIGHT_SECONDS, NEW, REST
from dbview.screens.overview.run_table import RunTable
from dbview.screens.overview.surveying import Surveying
from dbview.source.entries.board import Board
from dbview.source.entries.runs import Place, RunCell, run_tasks

_REST_SAID = 5.0
"""A longer rest is said on the screen."""


class RunFollowing:
    """What keeps the overview up to date while it is followed.

    After a write the newest entries of each Task are looked at again; all of them if the Tasks are others or too many
    entries came. Then it rests, five times as long as that took.

    Args:
        screen: Reads.
        surveying: Knows what was found so far.
        shown: What of it is shown.
        survey: Begins to look at all entries anew, and shows what is found.
        show: Shows what is shown as it is now.

    Attributes:
        is_on: True while the runs are followed.
    """

    def __init__(
        self,
        screen: ViewerScreen,
        surveying: Surveying,
        shown: RunTable,
        survey: Callable[[], None],
        show: Callable[[], None],
    ) -> None:
        self._screen = screen
        self._surveying = surveying
        self._shown = shown
        self._survey = survey
        self._show = show
        self._is_running = self._looks_again = False
        self._rests_until: datetime | None = None
        self.is_on = False

    @property
    def words(self) -> str:
        """What is said of it above the runs; empty while they are not followed."""
        if not self.is_on:
            return ""
        if self._rests_until is None:
            return "following · f"
        return f"following · f · looks again from {self._rests_until:%H:%M:%S} UTC on"

    def turn(self) -> None:
        """Follow from now on, or no longer."""
        self.is_on = not self.is_on
        self.look()

    def look(self) -> None:
        """Look for what has come, at once or after the rest, and show it."""
        self._looks_again = True
        if self.is_on and not self._is_running:
            self._is_running = True
            self._screen.start(self._run, "follow")

    async def _run(self) -> None:
        try:
            while self.is_on and self._looks_again:
                self._looks_again = False
                began = time.monotonic()
                await self._look()
                await self._rest(REST * (time.monotonic() - began))
        finally:
            self._is_running = False

    async def _rest(self, seconds: float) -> None:
        if seconds > _REST_SAID:
            self._rests_until = datetime.now(UTC) + timedelta(seconds=seconds)
            self._show()
        await asyncio.sleep(seconds)
        self._rests_until = None
        self._show()

    async def _look(self) -> None:
        await self._surveying.ended()
        await self._screen.read(self._screen.source.load)
        before = self._surveying.board
        cells = await self._surveying.look_again(run_tasks(self._screen.source.relations()))
        if cells is not None and all(before.has(place.task) for place in cells):
            changed = {place: cell for place, cell in cells.items() if cell != before.cell(place.run, place.task)}
            signs = signs_of(before, changed.items())
            if changed:
                self._shown.take_cells(changed)
        else:
            self._survey()
            await self._surveying.ended()
            signs = signs_of(before, self._surveying.board.cells())
        if signs:
            self._mark(signs)

    def _mark(self, signs: Mapping[Place, str]) -> None:
        self._shown.signs = {**self._shown.signs, **signs}
        self._show()
        self._screen.set_timer(HIGHLIGHT_SECONDS, lambda: self._unmark(signs))

    def _unmark(self, signs: Mapping[Place, str]) -> None:
        self._shown.signs = {place: sign for place, sign in self._shown.signs.items() if place not in signs}
        self._show()


def signs_of(before: Board, cells: Iterable[tuple[Place, RunCell]]) -> dict[Place, str]:
    """Return the sign of each cell that is another than before: that entries came, or that one changed."""
    signs = {}
    for place, cell in cells:
        known = before.cell(place.run, place.task)
        if cell != known:
            signs[place] = NEW if known is None or cell.entries > known.entries else CHANGED
    return signs
