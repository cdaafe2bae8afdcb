"""Go to the next entry that is not valid, in the order in which a table shows its rows, however far that is."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import NamedTuple

from textual.binding import Binding

from dbview.query.relation import Relation, Role
from dbview.screens.base import ViewerScreen
from dbview.screens.last_scan import LastScan
from dbview.screens.table.shown_rows import ShownRows
from dbview.source.reader import Reader
from dbview.source.view.order import Order
from dbview.source.view.scan import Cancelled
from dbview.widgets.grid import Grid
from dbview.widgets.symbols import VALID, validity_symbol

SEEKING_BINDINGS = (
    Binding(
        "n",
        "next_not_valid(1)",
        "not valid",
        id="table.next-not-valid",
        tooltip="The next entry that is not valid, as the rows are sorted and filtered.",
    ),
    Binding(
        "N",
        "next_not_valid(-1)",
        "not valid before",
        id="table.not-valid-before",
        show=False,
        tooltip="The one before of those.",
    ),
)

ROWS_A_STEP = 5_000
"""Rows looked at in one statement: a few thousandths of a second."""

_SECONDS_BETWEEN_WORDS = 0.5


class NotValid(NamedTuple):
    """A row that is not valid, and whether it stands beyond the last row, where the first comes again."""

    key: int
    is_beyond_the_end: bool


class Seeking:
    """The way to the next entry that is not valid, or not known to be, or to the one before.

    It looks at the rows that are known when it begins, in the background; after the last comes the first. What is asked
    for meanwhile comes after it.

    Args:
        screen: Shows the table.
        grid: Its cursor goes there, unless somebody moves it before.
        rows: Knows the order of the rows.
        say: Called when there is something new to say.
    """

    def __init__(self, screen: ViewerScreen, grid: Grid, rows: ShownRows, say: Callable[[], None]) -> None:
        self._screen = screen
        self._grid = grid
        self._rows = rows
        self._say = say
        self._scan: LastScan[NotValid | None] = LastScan(screen.scheduler, screen)
        self._is_going = False
        self._steps = 0
        self._share = 0.0

    @property
    def is_slow(self) -> bool:
        """True if it has been looking for so long that this is shown."""
        return self._scan.is_slow

    @property
    def words(self) -> str:
        """How far it has looked; nothing while it is not, or not for long."""
        return f"looking for what is not valid {100 * self._share:.0f} % · Esc stops" if self.is_slow else ""

    def stop(self) -> None:
        """Look no further; the cursor stays."""
        self._steps = 0
        self._scan.stop()

    def go(self, relation: Relation, step: int, *, is_filtered: bool) -> None:
        """Go to the next entry that is not valid, or with a step of -1 to the one before.

        Args:
            relation: The table.
            step: 1 or -1.
            is_filtered: True if the rows may not be all.
        """
        self._steps += step
        if not self._is_going:
            self._is_going = True
            self._screen.start(lambda: self._go(relation, is_filtered), "seeking")

    async def _go(self, relation: Relation, is_filtered: bool) -> None:
        timer = self._screen.set_interval(_SECONDS_BETWEEN_WORDS, self._say)
        try:
            while self._steps:
                step = 1 if self._steps > 0 else -1
                self._steps -= step
                await self._go_once(relation, step, is_filtered)
        finally:
            timer.stop()
            self._is_going, self._steps = False, 0
            self._say()

    async def _go_once(self, relation: Relation, step: int, is_filtered: bool) -> None:
        order, key, position = self._rows.order, self._grid.key, self._grid.position
        so_far = self._rows.arrangement.is_running
        if order is None:
            return
        found = await self._seek(relation, order, position, step)
        is_elsewhere = position != self._grid.position if None in (key, self._grid.key) else key != self._grid.key
        if self._scan.was_stopped:
            return
        if is_elsewhere:
            # Somebody moved on: the way from there is another.
            self._steps = 0
        elif found is None:
            self._steps = 0
            self._screen.notify(_missing_words(is_filtered, so_far), markup=False)
        else:
            await self._move(order, found, step)

    async def _seek(self, relation: Relation, order: Order, position: int, step: int) -> NotValid | None:
        def tell(share: float) -> None:
            self._share = share

        def job(reader: Reader, _publish: Callable[[NotValid | None], None], cancelled: Cancelled) -> NotValid | None:
            return next_not_valid(reader, relation, order, position, step, tell, cancelled)

        self._share = 0.0
        self._scan.begin(job)
        return await self._scan.result()

    async def _move(self, order: Order, found: NotValid, step: int) -> None:
        # More may be known of the order by now: where it stood may have been an estimate.
        order = self._rows.order or order
        position = await self._screen.read(lambda reader: order.position_of(reader, found.key))
        if position is None:
            self._screen.notify("The rows have changed meanwhile; n looks again.", markup=False)
            return
        self._grid.move_to(position)
        if found.is_beyond_the_end:
            # Only here: the first rows of a table do not wait for it.
            from dbview.screens.page_search import begins_anew

            self._screen.notify(begins_anew(step))


def next_not_valid(
    reader: Reader,
    relation: Relation,
    order: Order,
    position: int,
    step: int,
    tell: Callable[[float], None],
    cancelled: Cancelled,
) -> NotValid | None:
    """Return the next row whose validity is not valid; None if there is no other, or it is no longer wanted.

    Args:
        reader: Used by this call alone while it runs.
        relation: The table.
        order: Its rows.
        position: Where to begin; this row itself does not count.
        step: 1 to go down, -1 to go up.
        tell: Is told what share of the rows has been looked at.
        cancelled: Asked before each step.
    """
    column, seen = relation.of_role(Role.VALID), 0
    if column is None:
        return None
    below, above = range(min(position + 1, order.length), order.length), range(min(position, order.length))
    for is_beyond_the_end, rows in enumerate((below, above) if step > 0 else (above, below)):
        for start, stop in _parts(rows, step):
            if cancelled():
                return None
            tell(seen / order.length)
            for row in order.rows(reader, [column], start, stop)[::step]:
                if validity_symbol(row.cells[0]) != VALID:
                    return NotValid(row.key, bool(is_beyond_the_end))
            seen += stop - start
    return None


def _parts(rows: range, step: int) -> Iterator[tuple[int, int]]:
    """Give from where to before where to look in one step, with a step of -1 from the end; they begin at round numbers.

    Rows are found from marks at round numbers, so that less is passed over.
    """
    first = rows.start - rows.start % ROWS_A_STEP + ROWS_A_STEP
    edges = [rows.start, *range(first, rows.stop, ROWS_A_STEP), rows.stop]
    return (part for part in list(itertools.pairwise(edges))[::step] if part[0] < part[1])


def _missing_words(is_filtered: bool, so_far: bool) -> str:
    where = "among the rows that match" if is_filtered else "in this table"
    return f"There is no other entry that is not valid {where}{' so far' if so_far else ''}."
