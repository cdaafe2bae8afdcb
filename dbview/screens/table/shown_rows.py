"""Hold which rows a table shows: their order as far as it is known, how they went, and where the cursor belongs."""

from __future__ import annotations

import threading
from collections.abc import Callable

from dbview.query.relation import Relation, RelationKind
from dbview.query.view import View
from dbview.screens.base import ViewerScreen
from dbview.screens.table.arrangement import Arrangement
from dbview.screens.table.following import Following
from dbview.screens.table.latest import LatestOfRuns
from dbview.screens.table.sharing import Sharing
from dbview.screens.table.shown_columns import ShownColumns
from dbview.secrets import without_secrets
from dbview.source.view.order import MARK_ROWS, Order
from dbview.source.view.snapshot import Snapshot
from dbview.widgets.grid import Grid
from dbview.widgets.grid_messages import RowsNeeded


class ShownRows:
    """The rows of one table.

    Args:
        screen: Shows the table, and is told of what scans find.
        grid: Shows the rows.
        columns: Are known before any row is shown.
        wanted: Key of the row that the cursor begins at; None for the first.
        say: Called whenever there is something new to say.

    Attributes:
        arrangement: Puts them in order.
        sharing: Counts how they went.
        following: Keeps them up to date while the table is followed.
        remark: What is odd about the filter in force; empty if nothing is known to be.
    """

    def __init__(
        self,
        screen: ViewerScreen,
        grid: Grid,
        columns: ShownColumns,
        wanted: int | None,
        say: Callable[[], None],
    ) -> None:
        self._screen = screen
        self._grid = grid
        self._columns = columns
        self._wanted = wanted
        self._say = say
        self.arrangement = Arrangement(screen.scheduler, screen)
        self.sharing = Sharing(screen.scheduler, screen)
        self.following = Following(screen, grid, self.arrangement, self._tell)
        self._latest = LatestOfRuns(screen, grid)
        self.remark = ""

    @property
    def order(self) -> Order | None:
        """The order of the rows as far as it is known."""
        return self.arrangement.order

    def begin(self, relation: Relation, view: View, noted: threading.Event) -> None:
        """Put the rows of a View in order; then, as the rows themselves come first, tell more of them.

        Args:
            relation: The View's relation.
            view: What is wanted.
            noted: Is set when it was noted what is there: what comes later is news, unless the rows hold it already.
        """
        self.remark = ""
        self.arrangement.arrange(relation, view, after=noted)
        self.sharing.expect(relation, view.filter)
        self._screen.start(lambda: self._until_arranged(relation, view), "arrange")

    async def _until_arranged(self, relation: Relation, view: View) -> None:
        # The result itself is published like every snapshot before it; here an error would come out.
        if arranged := await self.arrangement.until_ended():
            self._say()
            self.follow(relation, view)
            if not self.arrangement.was_stopped:
                await self._find_remark(relation, view.filter)
                await self._tell(relation, view, arranged)

    async def _find_remark(self, relation: Relation, filter: str) -> None:
        if filter.strip() and (order := self.order) is not None:
            from dbview.screens.table.unknown import unknown_words

            self.remark = await self._screen.read(lambda reader: unknown_words(reader, relation, filter, order))
            self._say()

    async def _tell(self, relation: Relation, view: View, arranged: Snapshot | None) -> None:
        """Count how the rows went, unless putting them in order did, and mark those that a next Task is given."""
        if relation.kind is RelationKind.TASK:
            if arranged is None or arranged.outcomes is None:
                await self.sharing.count(relation, view.filter)
            await self._latest.find(relation)

    def end(self) -> None:
        """Let the scans end by themselves."""
        self.arrangement.cancel()
        self.sharing.scan.cancel()
        self._latest.end()

    # Where the cursor belongs

    def keep_current(self) -> None:
        """Let the current row stay the current one wherever it will stand, once that is known."""
        self._wanted = self._grid.key

    def expect_others(self) -> None:
        """Take note that another filter comes: the current row stays the current one if that finds it, too."""
        self._wanted = self._wanted if self._grid.key is None else self._grid.key
        self.arrangement.snapshot = None
        self._grid.expect_rows()

    def stay(self) -> None:
        """Let the cursor stay where somebody put it."""
        self._wanted = None

    # What scans find

    def take(self, snapshot: Snapshot) -> None:
        """Take note of how far a scan has come, and show it."""
        before = self.arrangement.take(snapshot)
        self.sharing.take_arranged(snapshot)
        if self.arrangement.is_quiet:
            self._screen.start(lambda: self._show_quietly(snapshot.order), "wanted")
            return
        if before is not None and not before.order.exact and self._grid.position >= MARK_ROWS:
            # Where it stands was an estimate; it stays the current one where it really stands.
            self.keep_current()
        self.show()

    def show(self) -> None:
        """Show the rows as they are known now; the first ones once it is known of which columns."""
        order, wanted = self.order, self._wanted
        if order is None or not self._columns.are_known or wanted is None:
            self._show_at(None)
        else:
            self._screen.start(lambda: self._find_wanted(order, wanted), "wanted")

    async def _find_wanted(self, order: Order, key: int) -> None:
        position = await self._screen.read(lambda reader: order.position_of(reader, key))
        is_wanted = self._wanted == key
        self._show_at(position if is_wanted else None)
        if is_wanted and position is not None:
            self._wanted = None

    def _show_at(self, position: int | None) -> None:
        if (order := self.order) is not None and self._columns.are_known:
            self._grid.show_rows(order.length, position)
        self._say()

    async def _show_quietly(self, order: Order) -> None:
        await self.following.show(order)
        self._say()

    def follow(self, relation: Relation, view: View) -> None:
        """Look for what has come, if the table is followed."""
        self.following.look(relation, view, self._say)

    # The rows themselves

    def fetch(self, needed: RowsNeeded) -> None:
        """Read the rows that the grid asks for."""
        if (order := self.order) is not None:
            self._screen.start(lambda: self._fetch(order, needed), "rows")

    async def _fetch(self, order: Order, needed: RowsNeeded) -> None:
        part = needed.part
        rows = await self._screen.read(lambda reader: order.rows(reader, part.columns, part.start, part.stop))
        self._grid.put_rows(part, without_secrets(part.columns, rows))
