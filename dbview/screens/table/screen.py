"""Show the rows of one relation: a filter, the grid, and what the current row is about."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType

from dbview.errors import DbviewError, NotFound
from dbview.query.relation import Relation, RelationKind, Role, left_out_words
from dbview.query.view import EntryPlace, View
from dbview.screens.base import ERROR_SECONDS, ViewerScreen
from dbview.screens.copying import copy_from_row
from dbview.screens.last_scan import PROGRESS_AFTER, Found
from dbview.screens.marks import compare_marked, marks_of, toggle_mark
from dbview.screens.progress import empty_words, progress_words, result_words, source_words
from dbview.screens.row_detail import RowDetail
from dbview.screens.table.export import Exporting
from dbview.screens.table.filtering import Filtering
from dbview.screens.table.keys import TABLE_BINDINGS
from dbview.screens.table.news import News
from dbview.screens.table.seeking import Seeking
from dbview.screens.table.shown_columns import ShownColumns
from dbview.screens.table.shown_rows import ShownRows
from dbview.screens.trouble import Trouble
from dbview.source.scheduler import Scheduler
from dbview.source.source import Source
from dbview.source.view.order import Order
from dbview.source.view.snapshot import Snapshot
from dbview.text import visible
from dbview.widgets.filter_bar import FilterBar
from dbview.widgets.grid import Grid
from dbview.widgets.grid_messages import CursorMoved, RowSelected, RowsNeeded, SortRequested


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
        self.relation: Relation = _with_columns(source, view.relation)
        super().__init__(source, scheduler, self.relation.name)
        self.view = replace(view, relation=self.relation.name)
        self._columns = ShownColumns(self, self.relation, view.columns, self._show_columns)
        self._grid = Grid(self._columns.chosen, is_settled=False)
        self._filtering = Filtering(self, self.relation)
        self._detail = RowDetail(self)
        self._rows = ShownRows(self, self._grid, self._columns, view.position, self._say)
        self._seeking = Seeking(self, self._grid, self._rows, self._say)
        self._exporting = Exporting(self, self._say)
        self._news = News(self)
        self._trouble = Trouble(self)
        self._entry_at_once = key

    def compose_body(self) -> ComposeResult:
        """Lay out the filter, the bar of how its rows went, the grid and the detail strip."""
        yield self._filtering.bar
        if self.relation.kind is RelationKind.TASK:
            yield self._rows.sharing.bar
        yield self._grid
        if self._columns.has_line:
            yield self._columns.line
        yield self._detail.strip

    def on_mount(self) -> None:
        """Begin with the View as it was asked for."""
        self.set_focus(self._grid)
        self._columns.begin()
        self.show_view(self.view)
        if self.relation.left_out:
            self.notify(left_out_words(self.relation), severity="warning", timeout=ERROR_SECONDS, markup=False)
        if self._entry_at_once is not None:
            self.open_entry(self._entry_at_once, None)

    def on_unmount(self) -> None:
        """Let the scan end by itself."""
        self._rows.end()
        self._seeking.stop()
        self._exporting.stop()

    async def first_order(self) -> Order | None:
        """Wait until the first rows are known, and return their order; None if they cannot be read."""
        return await self._rows.arrangement.first_order()

    @property
    def waits_for(self) -> str:
        """What it is that takes long when reading does."""
        return source_words(self.relation)

    # The View and its scan

    def show_view(self, view: View) -> None:
        """Show another View of the relation, if its filter makes sense; else say why not and leave everything."""
        sort = self._filtering.understood(self.relation, view)
        if sort is None:
            return
        if view.filter != self.view.filter:
            self._rows.expect_others()
        self.view = view
        self._filtering.show(view.filter)
        self._grid.set_sort(sort)
        self._arrange()

    def _arrange(self) -> None:
        self._trouble.clear()
        self._seeking.stop()
        self._rows.begin(self.relation, self.view, self._news.begin(self.relation))
        self.set_timer(PROGRESS_AFTER, self._say)
        self._say()

    @on(Found)
    def _take(self, message: Found) -> None:
        if self._rows.arrangement.told(message):
            snapshot: Snapshot = message.found
            if snapshot.error:
                self.show_error(snapshot.error)
            self._rows.take(snapshot)
        elif self._rows.sharing.scan.told(message):
            self._rows.sharing.take(message.found)

    def _say(self) -> None:
        """Put the state of the result into words."""
        arrangement, status = self._rows.arrangement, self._filtering.bar.status
        # Before it is known which columns to show, no row is, either.
        snapshot = arrangement.snapshot if self._columns.are_known else None
        words = [result_words(self.relation, self.view, snapshot, arrangement.was_stopped)] if snapshot else []
        words += [said for said in (visible(self._rows.remark), self._trouble.words) if said]
        status.left = " · ".join(words) or "reading …"
        self._grid.empty_words = self._trouble.words or empty_words(self.relation, self.view, snapshot)
        news = self._seeking.words or self._exporting.words or self._rows.following.words or self._news.words
        beside = " · ".join(filter(None, [marks_of(self).words, news]))
        status.right = f"··· {progress_words(snapshot)} · Esc stops" if arrangement.is_slow else beside

    def show_error(self, error: DbviewError) -> None:
        """Say what went wrong, in full for a moment and below the filter until the next try; what was read stays."""
        self._trouble.take(error)
        self._grid.forget_request()
        self._say()

    # Columns

    def _show_columns(self, current: str = "") -> None:
        self.view = replace(self.view, columns=self._columns.names)
        self._grid.set_columns(self._columns.chosen, self._columns.layout.widths, current)
        if not self._grid.length:
            self._rows.show()

    def action_columns(self) -> None:
        """Open the list of all columns beside the grid."""
        from dbview.screens.table.columns import ColumnsScreen

        self.app.push_screen(ColumnsScreen(self._columns, self._grid.column.column.name))

    def action_column(self, change: str) -> None:
        """Hide, move or pin the current column, or change its width."""
        self._columns.change(change, self._grid)

    # The grid

    @on(RowsNeeded)
    def _fetch(self, message: RowsNeeded) -> None:
        self._rows.fetch(message)

    @on(CursorMoved)
    def _tell_of_row(self, message: CursorMoved) -> None:
        if message.by_hand:
            self._rows.stay()
        self._detail.tell_of(self.relation, message, is_latest=self._grid.is_latest)
        snapshot = self._rows.arrangement.snapshot
        if snapshot and snapshot.complete and not self.view.filter:
            self._columns.take_note_of_rows(snapshot.order.length > 0)

    @on(SortRequested)
    def _sort(self, message: SortRequested) -> None:
        self._grid.action_first()
        from dbview.screens.cell_filter import added_sort, next_sort

        follow = added_sort if message.adds else next_sort
        self.show_view(replace(self.view, sort=follow(self.relation, self.view.sort, message.column.column)))

    @on(RowSelected)
    def _open(self, message: RowSelected) -> None:
        self.open_entry(message.key, message.position)

    def open_entry(self, key: int, position: int | None) -> None:
        """Show one row in full; coming back, the cursor is on the row that was shown last."""
        from dbview.screens.entry.screen import EntryScreen

        screen = EntryScreen(self.source, self.scheduler, self.relation, key, position, self.first_order)
        self.app.push_screen(screen, self._come_back)

    def _come_back(self, position: int | None) -> None:
        if position is not None:
            self._grid.move_to(position)

    # Filter, places, refreshing

    @on(FilterBar.Applied)
    def _apply(self, message: FilterBar.Applied) -> None:
        before = self.view
        if (named := self._filtering.named(message.text, self.relation)) is None:
            self._filtering.bar.edit()
            return
        text, name = named
        self.show_view(replace(before, filter=text if text or not name else before.filter))
        if self.view is not before:
            self.set_focus(self._grid)
            if name:
                self._filtering.give_name(name, text)
        else:
            self._filtering.bar.edit()

    @on(FilterBar.Asked)
    def _suggest(self, message: FilterBar.Asked) -> None:
        self._filtering.suggest(self.relation, message)

    @on(FilterBar.Left)
    def _leave_bar(self) -> None:
        self.set_focus(self._grid)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While a filter is typed, its characters are no commands."""
        if action in ("filter", "go_to") and self._filtering.bar.is_edited:
            return False
        if action in ("mark", "compare"):
            return self.relation.kind is RelationKind.TASK
        if action == "next_not_valid":
            return self.relation.of_role(Role.VALID) is not None
        return super().check_action(action, parameters)

    def action_filter(self) -> None:
        """Put the cursor into the filter bar."""
        self._filtering.edit()

    def on_screen_resume(self) -> None:
        """Show what is marked now: it may have been done on another screen."""
        self._show_marks()

    def _show_marks(self) -> None:
        self._grid.set_marked(marks_of(self).keys_in(self.relation.name))
        self._say()

    def action_mark(self) -> None:
        """Mark the current entry, or take its mark away."""

        def mark(key: int) -> None:
            toggle_mark(self, EntryPlace(self.relation.name, key))
            self._show_marks()

        self._grid.when_known(mark)

    def action_unmark(self) -> None:
        """Take all marks away."""
        marks_of(self).clear()
        self._show_marks()

    def action_compare(self) -> None:
        """Compare what is marked; else the current entry with the last good one before."""
        self._grid.when_known(lambda key: compare_marked(self, EntryPlace(self.relation.name, key)))

    def action_narrow(self, exclude: bool) -> None:
        """Keep, or drop, the rows with the current cell's value."""
        if (known := self._grid.cell()) is None:
            return
        column, text = self._grid.column.column, self.view.filter
        narrowed = self._filtering.narrowed(text, self.relation, column, known[0], exclude)
        if narrowed is not None:
            self.show_view(replace(self.view, filter=narrowed))

    def action_export(self) -> None:
        """Write what is seen into a file: these columns of all rows that the filter finds, as they are sorted."""
        # The status is a mere symbol on the screen: in a file the id comes before it.
        names = dict.fromkeys(column.column.name for column in self._grid.columns)
        id_first = sorted(names, key=lambda name: name != self.relation.key)
        self._exporting.ask(self.relation, replace(self.view, columns=tuple(id_first)))

    def action_copy(self, what: str) -> None:
        """Copy the current cell, its row, or the link that reopens what is shown."""

        def copy(key: int) -> None:
            column, view = self._grid.column.column, self.view
            self.start(lambda: copy_from_row(self, what, self.relation, view, column, key), "copy")

        self._grid.when_known(copy)

    def action_numbers(self, what: str) -> None:
        """Show what the values of the current column are like in the rows that the filter finds.

        Args:
            what: ``group``, ``statistics`` or ``plot``.
        """
        from dbview.screens.numbers.opening import numbers_of_column

        self.app.push_screen(numbers_of_column(what, self, self.view, self._grid.column.column))

    def action_facets(self) -> None:
        """Show the columns of few values in the rows that the filter finds; the filter follows what is chosen there."""
        from dbview.screens.numbers.facets import FacetScreen

        screen = FacetScreen(
            self.source, self.scheduler, self.view, lambda text: self.show_view(replace(self.view, filter=text))
        )
        self.app.push_screen(screen)

    def action_go_to(self) -> None:
        """Ask for an id, or the number of a row, and go there."""
        from dbview.screens.table.going import ask_where_to_go

        ask_where_to_go(self, self.relation, self._rows, self._grid, is_filtered=bool(self.view.filter))

    def action_next_not_valid(self, step: int) -> None:
        """Go to the next entry that is not valid, or to the one before."""
        self._seeking.go(self.relation, step, is_filtered=bool(self.view.filter))

    def action_refresh(self) -> None:
        """Read the schema and the rows again."""
        self.start(self._refresh, "refresh")

    async def _refresh(self) -> None:
        self._trouble.clear()
        await self.read(self.source.load)
        try:
            relation = _with_columns(self.source, self.relation.name)
        except NotFound as error:
            # Rows that are asked for meanwhile fail as well, and do not say why.
            self._trouble.take_cause(error)
            raise
        if relation.columns != self.relation.columns:
            self._columns.take_relation(relation)
        self.relation = relation
        self._columns.look_again()
        self._rows.keep_current()
        self._arrange()

    def action_follow(self) -> None:
        """Show what arrives, or changes, as it does; or no longer."""
        following = self._rows.following
        if following.is_on:
            following.end()
            self.start(self._tell_of_news, "news")
        else:
            following.begin(self._news.newest)
            self._follow()
        self._say()

    async def on_written(self) -> None:
        """Say how many rows are new since they were read, and nothing on the screen moves; or show them."""
        if self._rows.following.is_on:
            self._follow()
        else:
            await self._tell_of_news()

    def _follow(self) -> None:
        # What comes after this look is news where the table is no longer followed.
        self._news.begin(self.relation)
        self._rows.follow(self.relation, self.view)

    async def _tell_of_news(self) -> None:
        if await self._news.look(self.relation):
            self._say()
            self._columns.look_again()

    def action_back(self) -> None:
        """Stop a scan that shows its progress; else go back."""
        if self._seeking.is_slow:
            self._seeking.stop()
        elif self._exporting.is_running:
            self._exporting.stop()
        elif self._rows.arrangement.is_slow and (self.view.filter or self.view.sort):
            self._rows.arrangement.stop()
            self._say()
        elif not isinstance(self.app.screen_stack[-2], ViewerScreen):
            self.start(self._go_to_first, "first")
        else:
            super().action_back()

    async def _go_to_first(self) -> None:
        from dbview.screens.first import first_screen

        self.app.switch_screen(await first_screen(self.source, self.scheduler, self.relation, self._grid.key))


def _with_columns(source: Source, name: str) -> Relation:
    """Return a relation; raise NotFound if it has no column, as a view that was made from what is gone."""
    relation = source.relation(name)
    if not relation.columns:
        raise NotFound(f"{visible(relation.name)} has no columns that can be read.")
    return relation
