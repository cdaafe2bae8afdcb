"""Show rows of any number: only what is on the screen is drawn, and only rows around it are held."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import BindingType
from textual.geometry import Region, Size
from textual.strip import Strip

from dbview.query.relation import Column
from dbview.values import Cell, Row
from dbview.widgets import grid_look
from dbview.widgets.column_cursor import ColumnCursor
from dbview.widgets.columns import NO_WIDTHS, Chosen, GridColumn
from dbview.widgets.drawing import fit
from dbview.widgets.grid_keys import GRID_BINDINGS
from dbview.widgets.grid_lines import MARGIN, GridLines
from dbview.widgets.grid_messages import CursorMoved, RowSelected, RowsNeeded, SortRequested
from dbview.widgets.grid_rows import GridRows, part_in_sight
from dbview.widgets.headed_table import HEADER, HeadedTable
from dbview.widgets.window import Part


class Grid(HeadedTable):
    """A table of any number of rows with a current row and a current column.

    Rows are asked for with :class:`RowsNeeded` and given with :meth:`put_rows`; where they are from it does not know.

    Args:
        chosen: Its columns.
        is_settled: False if others are about to be set: no title is drawn before.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = set(grid_look.COMPONENT_CLASSES)
    DEFAULT_CSS = (
        """
Grid {
    overflow-y: scroll;
"""
        + grid_look.CSS
        + "}"
    )

    BINDINGS: ClassVar[list[BindingType]] = GRID_BINDINGS

    def __init__(self, chosen: Chosen, is_settled: bool = True) -> None:
        super().__init__()
        self._columns = ColumnCursor(chosen, lambda: self._room - MARGIN)
        self._rows = GridRows()
        self._lines = GridLines(self._columns, self._rows, is_settled)

    # What it shows

    @property
    def length(self) -> int:
        """Number of rows, as far as known."""
        return self._rows.length

    @property
    def position(self) -> int:
        """Position of the current row."""
        return self._rows.position

    @property
    def key(self) -> int | None:
        """Key of the current row, None where it is not known (yet)."""
        return self._rows.key

    @property
    def column(self) -> GridColumn:
        """The current column."""
        return self._columns.current

    @property
    def column_width(self) -> int:
        """How wide the current column is."""
        return self._columns.layout.width(self._columns.index)

    @property
    def can_pin(self) -> bool:
        """True if the columns up to the current one would leave a third of the line to others."""
        return self._columns.can_pin

    @property
    def columns(self) -> tuple[GridColumn, ...]:
        """All columns, in order."""
        return self._columns.layout.columns

    @property
    def rows_kept(self) -> int:
        """How many rows are held in memory."""
        return self._rows.window.rows_kept

    def when_known(self, action: Callable[[int], None]) -> None:
        """Call a function with the current row's key: at once, or when the row is read if nobody moves on before."""
        self._rows.when_known(action)

    def cell(self) -> tuple[Cell] | None:
        """Return the current cell in a tuple of one, None where it is not known."""
        return self._rows.cell(self.column.column)

    def set_columns(self, chosen: Chosen, widths: Mapping[str, int] = NO_WIDTHS, current: str = "") -> None:
        """Show other columns, or in another order; those that stay keep what is known of them.

        The current one stays the current one if it is among them; else the one that takes its place is.

        Args:
            chosen: The columns.
            widths: Widths given by hand, by the name of the column.
            current: Name of the column to go to, if it is among them; empty to stay.
        """
        self._columns.replace(chosen, widths, current)
        self._lines.is_settled = True
        self.set_sort(self._lines.sort)
        self._columns.measure_placed(self._rows.window)
        self._show_column()
        self._ask()
        self._tell(by_hand=False)

    def set_sort(self, sort: Mapping[Column, bool]) -> None:
        """Mark the columns the rows are sorted by, the one that decides first; True for one that descends."""
        self._lines.sort = sort
        self._columns.layout.mark(sort if len(sort) > 1 else ())
        self.refresh()

    def set_marked(self, keys: frozenset[int]) -> None:
        """Mark the rows with these keys, and no others."""
        if keys != self._lines.marks.marked:
            self._lines.marks = self._lines.marks._replace(marked=keys)
            self.refresh()

    def set_latest(self, keys: frozenset[int]) -> None:
        """Mark the rows with these keys, and no others, as what a next Task is given."""
        if keys != self._lines.marks.latest:
            self._lines.marks = self._lines.marks._replace(latest=keys)
            self.refresh()
            self._tell(by_hand=False)

    @property
    def is_latest(self) -> bool:
        """True if the current row is marked as what a next Task is given."""
        return self.key in self._lines.marks.latest

    def set_signs(self, signs: Mapping[int, str]) -> None:
        """Let the rows with these keys stand out, each with its sign at the left, and no others."""
        if signs != self._lines.marks.signs:
            self._lines.marks = self._lines.marks._replace(signs=dict(signs))
            self.refresh()

    @property
    def shown_keys(self) -> list[int]:
        """Keys of the rows on the screen, as far as they are known."""
        return self._rows.keys(self.scroll_offset.y, self._height)

    def part_at(self, position: int, length: int) -> Part:
        """Return what will be on the screen once the current row stands at a position and keeps its line.

        Args:
            position: Where it will be.
            length: How many rows there will be.
        """
        return part_in_sight(self._top_with(position, length), self._height, length, self._columns.wanted)

    def _top_with(self, position: int, length: int) -> int:
        line = self._rows.position - self.scroll_offset.y
        return max(0, min(position - line, length - self._height))

    def show_edition(self, length: int, position: int, part: Part, rows: Sequence[Row]) -> None:
        """Show rows of a new edition that are here already; the current row keeps its line, so nothing else moves.

        Args:
            length: Number of rows.
            position: Where the current row is now.
            part: What :meth:`part_at` gave for both.
            rows: The rows of this part.
        """
        top = self._top_with(position, length)
        self._rows.renew(length, position)
        self._rows.window.put(part, rows)
        self.virtual_size = Size(self._room, length + HEADER)
        self.scroll_to(y=top, animate=False, force=True, immediate=True)
        self._columns.measure(part, self._rows.window)
        self.refresh()
        self._ask()
        self._tell(by_hand=False)
        self._take_up()

    def expect_rows(self) -> None:
        """Show no row; others are being looked for."""
        self.show_rows(0)
        self._rows.expect()

    def show_rows(self, length: int, position: int | None = None) -> None:
        """Show rows of a new edition: their number, order or contents may have changed.

        Args:
            length: Number of rows.
            position: Where the current row is now; it stays on its line of the screen. None leaves the position.
        """
        before, top = self._rows.position, self.scroll_offset.y
        self._rows.renew(length, before if position is None else position)
        self.virtual_size = Size(self._room, length + HEADER)
        # From the top, new rows above should come into sight, if the current one stays in it.
        if position is not None and position != before and not (top == 0 and position < self._height):
            self._scroll_to_line(max(0, position - (before - top)))
        self._scroll_to_row()
        self.refresh()
        self._ask()
        self._tell(by_hand=False)

    def put_rows(self, part: Part, rows: Sequence[Row]) -> None:
        """Take in rows that were asked for; fewer than asked for means that there are no more.

        Args:
            part: The object that :class:`RowsNeeded` came with: an equal one may have been asked of another edition.
            rows: Its rows.
        """
        key = self.key
        if not self._rows.put(part, rows):
            return
        self._columns.measure(part, self._rows.window)
        self._show_column()
        self.refresh()
        self._ask()
        if key is None or key != self.key:
            self._tell(by_hand=False)
        self._take_up()

    def forget_request(self) -> None:
        """Take note that the rows asked for last could not be had; they are asked for again on the next move."""
        self._rows.forget_request()

    def move_to(self, position: int) -> None:
        """Make another row the current one, and scroll as little as shows it."""
        position, old = self._rows.nearest(position), self._rows.position
        if position != old:
            self._rows.let_be()
            self._rows.position = position
            self._redraw_row(old)
            self._redraw_row(position)
            self._scroll_to_row()
            self._ask()
        # Also where one is already: a row that is still looked for should not become the current one instead.
        self._tell(by_hand=True)

    # Keys and mouse

    def action_move(self, rows: int) -> None:
        """Go rows down, or up if negative."""
        self.move_to(self._rows.position + rows)

    def action_first(self) -> None:
        """Go to the first row."""
        self.move_to(0)

    def action_last(self) -> None:
        """Go to the last row."""
        self.move_to(self._rows.length - 1)

    def action_aside(self, columns: int) -> None:
        """Go columns to the right, or left if negative."""
        self._go_to_column(max(0, min(self._columns.index + columns, self._columns.last)))

    def action_first_column(self) -> None:
        """Go to the first column; what was scrolled out at the left comes back."""
        self._go_to_column(0)
        if self._columns.show_first():
            self._look_aside()

    def action_last_column(self) -> None:
        """Go to the last column."""
        self._go_to_column(self._columns.last)

    def action_select(self) -> None:
        """Choose the current row."""

        def choose(key: int) -> None:
            self.post_message(RowSelected(self.position, key))

        self.when_known(choose)

    def action_sort(self, adds: bool = False) -> None:
        """Ask for the rows to be sorted by the current column, alone or besides others."""
        self.post_message(SortRequested(self.column, adds))

    def on_click(self, event: events.Click) -> None:
        """Make what was clicked the current row and column; a second click on a row chooses it."""
        under = [place for place in self._columns.placed if place.x <= event.x - MARGIN]
        if under:
            self._go_to_column(under[-1].column)
        row = self._row_at(event.y)
        if event.y < HEADER:
            self.action_sort()
        elif row == self._rows.position and event.chain == 2:
            self.action_select()
        elif row < self._rows.length:
            self.move_to(row)

    # Inside

    def _go_to_column(self, index: int) -> None:
        if index == self._columns.index:
            return
        self._columns.index = index
        self._show_column()
        self._redraw_row(self._rows.position)
        self.refresh(Region(0, 0, self._room, HEADER))
        self._ask()
        self._tell(by_hand=True)

    def _show_column(self) -> None:
        """Scroll as little as shows the current column; columns may have become wider, or the screen narrower."""
        if self._columns.show():
            self._look_aside()

    def _look_aside(self) -> None:
        """Draw the columns that have come into sight, and ask for what is missing of them."""
        self.refresh()
        self._ask()

    def _redraw_row(self, position: int) -> None:
        line = self._line_of(position)
        if HEADER <= line < self.size.height:
            self.refresh(Region(0, line, self._room, 1))

    def _scroll_to_row(self) -> None:
        top = self.scroll_offset.y
        if self._rows.position < top:
            self._scroll_to_line(self._rows.position)
        elif self._rows.position >= top + self._height:
            self._scroll_to_line(self._rows.position - self._height + 1)

    def rows_came_into_sight(self) -> None:
        """Ask for them."""
        self._ask()

    def on_resize(self) -> None:
        """Ask for what has come into sight, and keep the current row and column in it."""
        self.virtual_size = Size(self._room, self._rows.length + HEADER)
        self._scroll_to_row()
        self._show_column()
        self._ask()

    def _ask(self) -> None:
        if not self.size.height:
            return
        if part := self._rows.ask(self.scroll_offset.y, self._height, self._columns.wanted):
            self.post_message(RowsNeeded(part))

    def _take_up(self) -> None:
        """Do what was asked for of the current row before it was read, unless somebody went elsewhere meanwhile."""
        if self.is_attached and self.screen.is_current:
            self._rows.take_up()
        else:
            self._rows.let_be()

    def _tell(self, *, by_hand: bool) -> None:
        self.post_message(CursorMoved(self.position, self.key, self.column, by_hand))

    # Drawing

    def render_line(self, y: int) -> Strip:
        """Draw one line of the screen."""
        width, look, length = self._room, grid_look.look_of(self), self.length
        if y < HEADER:
            return self._lines.titles(width, look)
        position = self._row_at(y)
        # Before the first rows are there, the widths are not known: nothing is drawn that would jump.
        if position < length and self.rows_kept:
            return self._lines.row(position, width, look)
        words = f"  {self.empty_words}" if y == HEADER + 1 and not length else ""
        segment = Segment(fit(words, width), look.base + look.tone("dim"))
        return Strip([segment]).adjust_cell_length(width, look.base)
