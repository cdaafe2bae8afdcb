"""Show rows of any number: only what is on the screen is drawn, and only rows around it are held."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from dbview.query.relation import Column
from dbview.values import Cell, Row
from dbview.widgets import tones
from dbview.widgets.column_cursor import ColumnCursor
from dbview.widgets.columns import NO_WIDTHS, Chosen, GridColumn
from dbview.widgets.drawing import fit
from dbview.widgets.grid_keys import GRID_BINDINGS
from dbview.widgets.grid_lines import MARGIN, GridLook, header_line, row_line
from dbview.widgets.window import BLOCK, Part, RowWindow

_HEADER = 1


class Grid(ScrollView, can_focus=True):
    """A table of any number of rows with a current row and a current column.

    Rows are asked for with :class:`RowsNeeded` and given with :meth:`put_rows`; where they are from it does not know.

    Args:
        chosen: Its columns.
        is_settled: False if others are about to be set: no title is drawn before.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "grid--header",
        "grid--row",
        "grid--fresh",
        "grid--cell",
        *tones.COMPONENT_CLASSES,
    }
    DEFAULT_CSS = (
        """
Grid {
    background: $background;
    overflow-x: hidden;
    overflow-y: scroll;
    scrollbar-size-vertical: 1;
    & > .grid--header { text-style: bold; background: $panel; color: $foreground; }
    & > .grid--row { background: $surface-lighten-2; }
    & > .grid--fresh { text-style: bold; }
    & > .grid--cell { background: $primary; color: $text; text-style: bold; }
"""
        + tones.CSS
        + "}"
    )

    BINDINGS: ClassVar[list[BindingType]] = GRID_BINDINGS

    @dataclass
    class RowsNeeded(Message):
        """Rows are about to be drawn that are not there yet. Only the latest such message counts."""

        part: Part

    @dataclass
    class CursorMoved(Message):
        """The current row or column is another one, or its row has become known.

        Attributes:
            by_hand: True if somebody went there; False if the rows moved or became known.
        """

        position: int
        key: int | None
        column: GridColumn
        by_hand: bool

    @dataclass
    class RowSelected(Message):
        """The current row was chosen."""

        position: int
        key: int

    @dataclass
    class SortRequested(Message):
        """The rows should be sorted by a column, or the other way round, or no longer.

        Attributes:
            adds: True to keep what they are sorted by already, and decide by this column where that leaves them equal.
        """

        column: GridColumn
        adds: bool

    def __init__(self, chosen: Chosen, is_settled: bool = True) -> None:
        super().__init__()
        self._columns = ColumnCursor(chosen, lambda: self._room - MARGIN)
        self._window = RowWindow()
        self._length = 0
        self._is_settled = is_settled
        self._row = 0
        self._sort: Mapping[Column, bool] = {}
        self._marked: frozenset[int] = frozenset()
        self._signs: Mapping[int, str] = {}
        self._latest: frozenset[int] = frozenset()
        self._empty_words = ""
        self._asked: Part | None = None

    # What it shows

    @property
    def length(self) -> int:
        """Number of rows, as far as known."""
        return self._length

    @property
    def position(self) -> int:
        """Position of the current row."""
        return self._row

    @property
    def key(self) -> int | None:
        """Key of the current row, None where it is not known (yet)."""
        return self._window.key(self._row) if self._row < self._length else None

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
        return self._window.rows_kept

    def cell(self) -> tuple[Cell] | None:
        """Return the current cell in a tuple of one, None where it is not known."""
        return self._window.cell(self._row, self.column.column)

    @property
    def empty_words(self) -> str:
        """What stands in the place of rows while there are none."""
        return self._empty_words

    @empty_words.setter
    def empty_words(self, words: str) -> None:
        if words != self._empty_words:
            self._empty_words = words
            self.refresh()

    def set_columns(self, chosen: Chosen, widths: Mapping[str, int] = NO_WIDTHS, current: str = "") -> None:
        """Show other columns, or in another order; those that stay keep what is known of them.

        The current one stays the current one if it is among them; else the one that takes its place is.

        Args:
            chosen: The columns.
            widths: Widths given by hand, by the name of the column.
            current: Name of the column to go to, if it is among them; empty to stay.
        """
        self._columns.replace(chosen, widths, current)
        self._is_settled = True
        self.set_sort(self._sort)
        self._columns.measure_placed(self._window)
        self._show_column()
        self._ask()
        self._tell(by_hand=False)

    def set_sort(self, sort: Mapping[Column, bool]) -> None:
        """Mark the columns the rows are sorted by, the one that decides first; True for one that descends."""
        self._sort = sort
        self._columns.layout.mark(sort if len(sort) > 1 else ())
        self.refresh()

    def set_marked(self, keys: frozenset[int]) -> None:
        """Mark the rows with these keys, and no others."""
        if keys != self._marked:
            self._marked = keys
            self.refresh()

    def set_latest(self, keys: frozenset[int]) -> None:
        """Mark the rows with these keys, and no others, as what a next Task is given."""
        if keys != self._latest:
            self._latest = keys
            self.refresh()
            self._tell(by_hand=False)

    @property
    def is_latest(self) -> bool:
        """True if the current row is marked as what a next Task is given."""
        return self.key in self._latest

    def set_signs(self, signs: Mapping[int, str]) -> None:
        """Let the rows with these keys stand out, each with its sign at the left, and no others."""
        if signs != self._signs:
            self._signs = dict(signs)
            self.refresh()

    @property
    def shown_keys(self) -> list[int]:
        """Keys of the rows on the screen, as far as they are known."""
        top = self.scroll_offset.y
        keys = (self._window.key(position) for position in range(top, min(top + self._height, self._length)))
        return [key for key in keys if key is not None]

    def part_at(self, position: int, length: int) -> Part:
        """Return what will be on the screen once the current row stands at a position and keeps its line.

        Args:
            position: Where it will be.
            length: How many rows there will be.
        """
        top = self._top_with(position, length)
        start, stop = top // BLOCK, -(-max(top + 1, min(top + self._height, length)) // BLOCK)
        return Part(start * BLOCK, stop * BLOCK, self._columns.wanted)

    def _top_with(self, position: int, length: int) -> int:
        line = self._row - self.scroll_offset.y
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
        self._window.renew()
        self._window.put(part, rows)
        self._asked = None
        self._length, self._row = length, max(0, min(position, length - 1))
        self.virtual_size = Size(self._room, length + _HEADER)
        self.scroll_to(y=top, animate=False, force=True, immediate=True)
        self._columns.measure(part, self._window)
        self.refresh()
        self._ask()
        self._tell(by_hand=False)

    def show_rows(self, length: int, position: int | None = None) -> None:
        """Show rows of a new edition: their number, order or contents may have changed.

        Args:
            length: Number of rows.
            position: Where the current row is now; it stays on its line of the screen. None leaves the position.
        """
        self._window.renew()
        self._asked = None
        self._length = length
        line, is_at_top = self._row - self.scroll_offset.y, self.scroll_offset.y == 0
        self.virtual_size = Size(self._room, length + _HEADER)
        if position is not None and position != self._row:
            self._row = position
            # From the top, new rows above should come into sight, if the current one stays in it.
            if not (is_at_top and position < self._height):
                self.scroll_to(y=max(0, position - line), animate=False, force=True)
        self._row = max(0, min(self._row, length - 1))
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
        if part is not self._asked:
            return
        self._asked = None
        key = self.key
        self._window.put(part, rows)
        self._columns.measure(part, self._window)
        self._show_column()
        self.refresh()
        self._ask()
        if key is None or key != self.key:
            self._tell(by_hand=False)

    def forget_request(self) -> None:
        """Take note that the rows asked for last could not be had; they are asked for again on the next move."""
        self._asked = None

    def move_to(self, position: int) -> None:
        """Make another row the current one, and scroll as little as shows it."""
        position = max(0, min(position, self._length - 1))
        if position != self._row:
            old, self._row = self._row, position
            self._redraw_row(old)
            self._redraw_row(position)
            self._scroll_to_row()
            self._ask()
            self._tell(by_hand=True)

    # Keys and mouse

    def action_move(self, rows: int) -> None:
        """Go rows down, or up if negative."""
        self.move_to(self._row + rows)

    def action_page(self, pages: int) -> None:
        """Go pages down, or up if negative."""
        self.move_to(self._row + pages * max(1, self._height - 1))

    def action_first(self) -> None:
        """Go to the first row."""
        self.move_to(0)

    def action_last(self) -> None:
        """Go to the last row."""
        self.move_to(self._length - 1)

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
        if (key := self.key) is not None:
            self.post_message(self.RowSelected(self._row, key))

    def action_sort(self, adds: bool = False) -> None:
        """Ask for the rows to be sorted by the current column, alone or besides others."""
        self.post_message(self.SortRequested(self.column, adds))

    def on_click(self, event: events.Click) -> None:
        """Make what was clicked the current row and column; a second click on a row chooses it."""
        under = [place for place in self._columns.placed if place.x <= event.x - MARGIN]
        if under:
            self._go_to_column(under[-1].column)
        row = self.scroll_offset.y + event.y - _HEADER
        if event.y < _HEADER:
            self.action_sort()
        elif row == self._row and event.chain == 2:
            self.action_select()
        elif row < self._length:
            self.move_to(row)

    # Inside

    @property
    def _room(self) -> int:
        """Cells of a line, without the scrollbar."""
        return self.scrollable_content_region.width

    @property
    def _height(self) -> int:
        return max(1, self.size.height - _HEADER)

    def _go_to_column(self, index: int) -> None:
        if index == self._columns.index:
            return
        self._columns.index = index
        self._show_column()
        self._redraw_row(self._row)
        self.refresh(Region(0, 0, self._room, _HEADER))
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
        line = position - self.scroll_offset.y + _HEADER
        if _HEADER <= line < self.size.height:
            self.refresh(Region(0, line, self._room, 1))

    def _scroll_to_row(self) -> None:
        top = self.scroll_offset.y
        if self._row < top:
            self.scroll_to(y=self._row, animate=False, force=True)
        elif self._row >= top + self._height:
            self.scroll_to(y=self._row - self._height + 1, animate=False, force=True)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Ask for the rows that come into sight."""
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) != round(new_value):
            self._ask()

    def on_resize(self) -> None:
        """Ask for what has come into sight, and keep the current row and column in it."""
        self.virtual_size = Size(self._room, self._length + _HEADER)
        self._scroll_to_row()
        self._show_column()
        self._ask()

    def _ask(self) -> None:
        if not self.size.height:
            return
        top = self.scroll_offset.y
        part = self._window.missing(top, min(top + self._height, self._length), self._columns.wanted)
        if part is not None and part != self._asked:
            self._asked = part
            self.post_message(self.RowsNeeded(part))

    def _tell(self, *, by_hand: bool) -> None:
        self.post_message(self.CursorMoved(self._row, self.key, self.column, by_hand))

    # Drawing

    def render_line(self, y: int) -> Strip:
        """Draw one line of the screen."""
        width, look, columns = self._room, self._look(), self._columns
        if y < _HEADER and not self._is_settled:
            return Strip.blank(width, look.header)
        if y < _HEADER:
            more = columns.has_more_before
            return header_line(columns.layout, columns.placed, columns.index, self._sort, more, width, look)
        position = self.scroll_offset.y + y - _HEADER
        # Before the first rows are there, the widths are not known: nothing is drawn that would jump.
        if position < self._length and self._window.rows_kept:
            current = columns.index if position == self._row else None
            key = self._window.key(position)
            is_marked, sign = key in self._marked, "" if key is None else self._signs.get(key, "")
            window, placed, is_latest = self._window, columns.placed, key in self._latest
            return row_line(self.columns, placed, window, position, current, width, look, is_marked, sign, is_latest)
        words = f"  {self._empty_words}" if y == _HEADER + 1 and not self._length else ""
        segment = Segment(fit(words, width), look.base + look.tone("dim"))
        return Strip([segment]).adjust_cell_length(width, look.base)

    def _look(self) -> GridLook:
        return GridLook(
            self.rich_style,
            self.get_component_rich_style("grid--header"),
            self.get_component_rich_style("grid--row", partial=True),
            self.get_component_rich_style("grid--cell"),
            lambda tone: tones.tone_style(self, tone),
            self.get_component_rich_style("grid--fresh", partial=True),
        )
