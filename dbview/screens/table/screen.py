"""Show the rows of one relation: a filter, the grid, and what the current row is about."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType

from dbview.errors import DbviewError, FilterError
from dbview.query.relation import Column, Relation, RelationKind, left_out_words
from dbview.query.view import EntryPlace, View
from dbview.screens.arrangement import PROGRESS_AFTER, Arranged, Arrangement
from dbview.screens.base import ERROR_SECONDS, ViewerScreen
from dbview.screens.copying import copy_from_row
from dbview.screens.marks import compare_marked, marks_of, toggle_mark
from dbview.screens.progress import empty_words, progress_words, result_words, source_words
from dbview.screens.row_detail import detail_columns, detail_lines
from dbview.screens.table.export import Exporting
from dbview.screens.table.following import Following
from dbview.screens.table.kept_filters import KeptFilters
from dbview.screens.table.keys import TABLE_BINDINGS
from dbview.screens.table.news import Seen, news_words, see
from dbview.screens.table.sharing import Shared, Sharing
from dbview.screens.table.shown_columns import ShownColumns
from dbview.secrets import without_secrets
from dbview.source.scheduler import Scheduler
from dbview.source.source import Source
from dbview.source.view.order import MARK_ROWS, Order
from dbview.text import visible
from dbview.widgets.columns import GridColumn
from dbview.widgets.detail import DetailStrip
from dbview.widgets.filter_bar import FilterBar
from dbview.widgets.grid import Grid

if TYPE_CHECKING:
    from dbview.screens.table.suggesting import Suggesting


class TableScreen(ViewerScreen):
    """The rows of a relation as a View asks for them.

    Args:
        source: What is looked at.
        scheduler: Runs what may take time.
        view: What to show; its relation must exist.
        key: Show this row in full at once, above the table.
    """

    BINDINGS: ClassVar[list[BindingType]] = TABLE_BINDINGS

    def __init__(self, source: Source, scheduler: Scheduler, view: View, key: int | None = None) -> None:
        self.relation: Relation = source.relation(view.relation)
        super().__init__(source, scheduler, self.relation.name)
        self.view = replace(view, relation=self.relation.name)
        self._columns = ShownColumns(self, self.relation, view.columns, self._show_columns)
        self._grid = Grid(self._columns.chosen, is_settled=False)
        example = "status=FAILED run=14..16" if self.relation.kind is RelationKind.TASK else "beam  or  name=value"
        self._bar = FilterBar(f"filter, as in {example}")
        self._kept = KeptFilters(self.settings, self.relation.name)
        self._suggesting: Suggesting | None = None
        self._detail = DetailStrip()
        self._arrangement = Arrangement(scheduler, self)
        self._sharing = Sharing(scheduler, self)
        self._following = Following(self, self._grid, self._arrangement, self._sharing)
        self._exporting = Exporting(self, self._say)
        self._trouble = ""
        self._news = ""
        self._seen: Seen | None = None
        self._wanted = view.position
        self._entry_at_once = key

    def compose_body(self) -> ComposeResult:
        """Lay out the filter, the bar of how its rows went, the grid and the detail strip."""
        yield self._bar
        if self.relation.kind is RelationKind.TASK:
            yield self._sharing.bar
        yield self._grid
        if self._columns.has_line:
            yield self._columns.line
        yield self._detail

    def on_mount(self) -> None:
        """Begin with the View as it was asked for."""
        self._grid.focus()
        self._columns.begin()
        self.show_view(self.view)
        if self.relation.left_out:
            words = left_out_words(self.relation)
            self.notify(words, severity="warning", timeout=ERROR_SECONDS, markup=False)
        if self._entry_at_once is not None:
            self.open_entry(self._entry_at_once, None)

    def on_unmount(self) -> None:
        """Let the scan end by itself."""
        self._arrangement.cancel()
        self._sharing.end()
        self._exporting.stop()

    @property
    def order(self) -> Order | None:
        """The order of the rows as far as it is known."""
        return self._arrangement.order

    @property
    def waits_for(self) -> str:
        """What it is that takes long when reading does."""
        return source_words(self.relation)

    # The View and its scan

    def show_view(self, view: View) -> None:
        """Show another View of the relation, if its filter makes sense; else say why not and leave everything."""
        try:
            sort = self._understood(view)
        except FilterError as error:
            # What was typed may hold more: spaces, the name that the filter is to have.
            self._bar.show_error(str(error), error.position + max(0, self._bar.text.find(view.filter)))
            return
        if view.filter != self.view.filter:
            # The row stays the current one if it is among those that match; else the first one is.
            self._wanted = self._wanted if self._grid.key is None else self._grid.key
            self._arrangement.snapshot = None
            self._grid.show_rows(0)
        self.view = view
        self._kept.note(view.filter)
        self._bar.history = self._kept.history
        self._bar.set_text(view.filter)
        self._grid.set_sort(sort)
        self._arrange()

    def _understood(self, view: View) -> dict[Column, bool]:
        """Return what a View sorts by, each with whether it descends; raise FilterError if the View makes no sense."""
        if not view.filter.strip() and not view.sort:
            return {}
        # Only here: a table opened without a filter should not wait for the language.
        from dbview.query.filter import parse
        from dbview.query.names import find_column
        from dbview.query.resolve import resolve

        node = parse(view.filter)
        if node is not None:
            resolve(node, self.relation)
        return {find_column(self.relation, key.column): key.descending for key in view.sort}

    def _arrange(self) -> None:
        self._trouble, self._news = "", ""
        self._arrangement.begin(self.relation, self.view)
        self._sharing.expect(self.relation, self.view.filter)
        self.start(self._until_arranged, "arrange")
        self.start(self._note_seen, "seen")
        self.set_timer(PROGRESS_AFTER, self._say)
        self._say()

    async def _until_arranged(self) -> None:
        # The result itself is published like every snapshot before it; here an error would come out.
        if await self._arrangement.until_ended():
            self._say()
            self._follow()
            if self.relation.kind is RelationKind.TASK and not self._arrangement.was_stopped:
                # Only now: the rows themselves come first.
                await self._sharing.count(self.relation, self.view.filter)

    @on(Shared)
    def _take_share(self, message: Shared) -> None:
        self._sharing.take(message)

    async def _note_seen(self) -> None:
        self._seen = await self.read(lambda reader: see(reader, self.relation))

    @on(Arranged)
    async def _take_snapshot(self, message: Arranged) -> None:
        if message.generation != self._arrangement.generation:
            return
        before = self._arrangement.take(message.snapshot)
        if message.snapshot.error:
            self.show_error(message.snapshot.error)
        if self._arrangement.is_quiet:
            self.start(lambda: self._show_quietly(message.snapshot.order), "wanted")
            return
        if before is not None and not before.order.exact and self._grid.position >= MARK_ROWS:
            # Where it stands was an estimate; it stays the current one where it really stands.
            self._wanted = self._grid.key
        self._show_order()

    def _show_order(self) -> None:
        """Show the rows as they are known now; the first ones once it is known of which columns."""
        order, wanted = self.order, self._wanted
        if order is None or not self._columns.are_known or wanted is None:
            self._show_rows(None)
        else:
            self.start(lambda: self._find_wanted(order, wanted), "wanted")

    async def _find_wanted(self, order: Order, key: int) -> None:
        position = await self.read(lambda reader: order.position_of(reader, key))
        is_wanted = self._wanted == key
        self._show_rows(position if is_wanted else None)
        if is_wanted and position is not None:
            self._wanted = None

    def _show_rows(self, position: int | None) -> None:
        if (order := self.order) is not None and self._columns.are_known:
            self._grid.show_rows(order.length, position)
        self._say()

    def _say(self) -> None:
        """Put the state of the result into words."""
        snapshot, status = self._arrangement.snapshot, self._bar.status
        was_stopped = self._arrangement.was_stopped
        words = [result_words(self.relation, self.view, snapshot, was_stopped)] if snapshot else []
        if self._trouble:
            words.append(visible(self._trouble))
        status.left = " · ".join(words) or "reading …"
        self._grid.empty_words = (
            visible(self._trouble)
            if self._trouble
            else empty_words(self.relation, self.view, snapshot if self._columns.are_known else None)
        )
        is_slow = self._arrangement.is_slow
        news = self._exporting.words or self._following.words or self._news
        beside = " · ".join(filter(None, [marks_of(self).words, news]))
        status.right = f"··· {progress_words(snapshot)} · Esc stops" if is_slow else beside

    def show_error(self, error: DbviewError) -> None:
        """Say what went wrong, in full for a moment and below the filter until the next try; what was read stays."""
        if str(error) != self._trouble:
            super().show_error(error)
        self._trouble = str(error)
        self._grid.forget_request()
        self._say()

    # Columns

    def _show_columns(self, current: str = "") -> None:
        self.view = replace(self.view, columns=self._columns.names)
        self._grid.set_columns(self._columns.chosen, self._columns.layout.widths, current)
        if not self._grid.length:
            self._show_order()

    def action_columns(self) -> None:
        """Open the list of all columns beside the grid."""
        from dbview.screens.table.columns import ColumnsScreen

        self.app.push_screen(ColumnsScreen(self._columns, self._grid.column.column.name))

    def action_column(self, change: str) -> None:
        """Hide, move or pin the current column, or change its width."""
        self._columns.change(change, self._grid)

    # The grid

    @on(Grid.RowsNeeded)
    def _fetch(self, message: Grid.RowsNeeded) -> None:
        order = self.order
        if order is not None:
            self.start(lambda: self._fetch_rows(order, message), "rows")

    async def _fetch_rows(self, order: Order, needed: Grid.RowsNeeded) -> None:
        part = needed.part
        rows = await self.read(lambda reader: order.rows(reader, part.columns, part.start, part.stop))
        self._grid.put_rows(part, without_secrets(part.columns, rows))

    @on(Grid.CursorMoved)
    def _tell_of_row(self, message: Grid.CursorMoved) -> None:
        if message.by_hand:
            self._wanted = None
        if (key := message.key) is None:
            self._detail.lines = ()
        else:
            self.start(lambda: self._read_detail(key, message.column), "detail")

    async def _read_detail(self, key: int, column: GridColumn) -> None:
        columns = detail_columns(self.relation, column)
        read = await self.read(lambda reader: reader.rows(self.relation, columns, [key]))
        rows = without_secrets(columns, read)
        self._detail.lines = detail_lines(self.relation, columns, rows[0], column) if rows else ()

    @on(Grid.SortRequested)
    def _sort(self, message: Grid.SortRequested) -> None:
        self._grid.action_first()
        from dbview.screens.cell_filter import added_sort, next_sort

        follow = added_sort if message.adds else next_sort
        self.show_view(replace(self.view, sort=follow(self.relation, self.view.sort, message.column.column)))

    @on(Grid.RowSelected)
    def _open(self, message: Grid.RowSelected) -> None:
        self.open_entry(message.key, message.position)

    def open_entry(self, key: int, position: int | None) -> None:
        """Show one row in full; coming back, the cursor is on the row that was shown last."""
        from dbview.screens.entry.screen import EntryScreen

        screen = EntryScreen(self.source, self.scheduler, self.relation, key, position, lambda: self.order)
        self.app.push_screen(screen, self._come_back)

    def _come_back(self, position: int | None) -> None:
        if position is not None:
            self._grid.move_to(position)

    # Filter, places, refreshing

    @on(FilterBar.Applied)
    def _apply(self, message: FilterBar.Applied) -> None:
        before = self.view
        try:
            text, name = self._kept.understood(message.text.strip(), self.relation)
        except FilterError as error:
            self._bar.show_error(str(error), error.position)
            return
        self.show_view(replace(self.view, filter=text if text or not name else self.view.filter))
        if self.view is not before:
            self._grid.focus()
            if name:
                self._kept.give_name(name, text)
                self.notify(f"{'Kept as' if text else 'No longer kept:'} @{visible(name)}", markup=False)

    @on(FilterBar.Asked)
    def _suggest(self, message: FilterBar.Asked) -> None:
        if self._suggesting is None:
            from dbview.screens.table.suggesting import Suggesting

            self._suggesting = Suggesting(self, self._bar, self._kept)
        self._suggesting.answer(self.relation, message)

    @on(FilterBar.Left)
    def _leave_bar(self) -> None:
        self._grid.focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While a filter is typed, its characters are no commands."""
        if action in ("filter", "go_to") and self._bar.is_edited:
            return False
        if action in ("mark", "compare"):
            return self.relation.kind is RelationKind.TASK
        return super().check_action(action, parameters)

    def action_filter(self) -> None:
        """Put the cursor into the filter bar."""
        # What is suggested is read anew.
        self._suggesting = None
        self._bar.edit()

    def on_screen_resume(self) -> None:
        """Show what is marked now: it may have been done on another screen."""
        self._show_marks()

    def _show_marks(self) -> None:
        self._grid.set_marked(marks_of(self).keys_in(self.relation.name))
        self._say()

    def action_mark(self) -> None:
        """Mark the current entry, or take its mark away."""
        if (key := self._grid.key) is not None:
            toggle_mark(self, EntryPlace(self.relation.name, key))
            self._show_marks()

    def action_compare(self) -> None:
        """Compare what is marked; else the current entry with the last good one before."""
        if (key := self._grid.key) is not None:
            compare_marked(self, EntryPlace(self.relation.name, key))

    def action_narrow(self, exclude: bool) -> None:
        """Keep, or drop, the rows with the current cell's value."""
        from dbview.screens.cell_filter import cell_condition, unnamed_words, with_condition

        known, column = self._grid.cell(), self._grid.column.column
        if known is None:
            return
        condition = cell_condition(self.relation, column, known[0], exclude)
        if condition is None:
            self.notify(unnamed_words(column, known[0], "this value"), markup=False)
            return
        self.show_view(replace(self.view, filter=with_condition(self.view.filter, condition)))

    def action_export(self) -> None:
        """Write what is seen into a file: these columns of all rows that the filter finds, as they are sorted."""
        names = (column.column.name for column in self._grid.columns)
        self._exporting.ask(self.relation, replace(self.view, columns=tuple(dict.fromkeys(names))))

    def action_copy(self, what: str) -> None:
        """Copy the current cell, its row, or the link that reopens what is shown."""
        if (key := self._grid.key) is not None:
            column, view = self._grid.column.column, self.view
            self.start(lambda: copy_from_row(self, what, self.relation, view, column, key), "copy")

    def action_group(self) -> None:
        """Count the rows that the filter finds by the values of the current column."""
        from dbview.screens.numbers.groups import GroupScreen

        self.app.push_screen(GroupScreen(self.source, self.scheduler, self.view, (self._grid.column.column,)))

    def action_statistics(self) -> None:
        """Show what the values of the current column are like in the rows that the filter finds."""
        from dbview.screens.numbers.statistics import StatisticsScreen

        self.app.push_screen(StatisticsScreen(self.source, self.scheduler, self.view, self._grid.column.column))

    def action_plot(self) -> None:
        """Plot the numbers of the current column in the rows that the filter finds."""
        from dbview.screens.numbers.plot import PlotScreen

        self.app.push_screen(PlotScreen(self.source, self.scheduler, self.view, self._grid.column.column))

    def action_facets(self) -> None:
        """Show the columns of few values in the rows that the filter finds; the filter follows what is chosen there."""
        from dbview.screens.numbers.facets import FacetScreen

        screen = FacetScreen(
            self.source, self.scheduler, self.view, lambda text: self.show_view(replace(self.view, filter=text))
        )
        self.app.push_screen(screen)

    def action_go_to(self) -> None:
        """Ask for an id, or the number of a row, and go there."""
        from dbview.screens.ask import AskScreen
        from dbview.screens.table.going import QUESTION

        self.app.push_screen(AskScreen(QUESTION), self._go_to)

    def _go_to(self, text: str | None) -> None:
        if text:
            self.start(lambda: self._go_to_row(self.order, text), "go to")

    async def _go_to_row(self, order: Order | None, text: str) -> None:
        from dbview.screens.table.going import find_row, missing_words

        # A filter that cannot be understood gives no rows at all.
        if order is not None:
            position = await self.read(lambda reader: find_row(reader, self.relation, order, text))
            if position is not None:
                self._grid.move_to(position)
                return
        words = missing_words(self.relation, text, bool(self.view.filter), self._arrangement.is_running)
        self.notify(words, severity="warning", markup=False)

    def action_refresh(self) -> None:
        """Read the schema and the rows again."""
        self.start(self._refresh, "refresh")

    async def _refresh(self) -> None:
        await self.read(self.source.load)
        relation = self.source.relation(self.relation.name)
        if relation.columns != self.relation.columns:
            self._columns.take_relation(relation)
        self.relation = relation
        self._columns.look_again()
        self._wanted = self._grid.key
        self._arrange()

    def action_follow(self) -> None:
        """Show what arrives, or changes, as it does; or no longer."""
        if self._following.is_on:
            self._following.end()
        else:
            self._following.begin(self._seen.newest if self._seen else None)
            self._news = ""
            self._follow()
        self.start(self._note_seen, "seen")
        self._say()

    def _follow(self) -> None:
        self._following.look(self.relation, self.view, self._say)

    async def _show_quietly(self, order: Order) -> None:
        await self._following.show(order)
        self._say()

    async def on_written(self) -> None:
        """Say how many rows are new since they were read, and nothing on the screen moves; or show them."""
        if self._following.is_on:
            self._follow()
            return
        generation = self._arrangement.generation
        now = await self.read(lambda reader: see(reader, self.relation))
        # Whatever was read anew meanwhile has its own note of what was there.
        if self._seen is not None and generation == self._arrangement.generation:
            self._news = news_words(self.relation, self._seen, now)
            self._say()
            self._columns.look_again()

    def action_back(self) -> None:
        """Stop a scan that shows its progress; else go back."""
        if self._exporting.is_running:
            self._exporting.stop()
        elif self._arrangement.is_slow and (self.view.filter or self.view.sort):
            self._arrangement.stop()
            self._say()
        elif not isinstance(self.app.screen_stack[-2], ViewerScreen):
            self.start(self._go_to_first, "first")
        else:
            super().action_back()

    async def _go_to_first(self) -> None:
        from dbview.screens.first import first_screen

        self.app.switch_screen(await first_screen(self.source, self.scheduler))
