"""Show what belongs to each pair of two lists, however long: headings at the left and at the top never scroll away."""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip

from dbview.widgets import tones
from dbview.widgets.headed_table import HEADER, HeadedTable
from dbview.widgets.matrix_lines import EMPTY, Heading, MatrixLayout, Table, index_of, look_of
from dbview.widgets.moves import MOVE_BINDINGS


class Matrix(HeadedTable):
    """Rows and columns with a current cell, which stays the current one whatever is added around it.

    Args:
        empty_words: What stands there while there are no rows.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "matrix--header",
        "matrix--current",
        "matrix--cell",
        *tones.COMPONENT_CLASSES,
    }
    DEFAULT_CSS = (
        """
Matrix {
    overflow-y: auto;
    & > .matrix--header { text-style: bold; background: $panel; color: $foreground; }
    & > .matrix--current { background: $surface-lighten-2; }
    & > .matrix--cell { background: $primary; color: $text; text-style: bold; }
"""
        + tones.CSS
        + "}"
    )

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select", "open", id="app.open", tooltip="Show what the current cell stands for."),
        *MOVE_BINDINGS,
        Binding(
            "home,0",
            "aside_to_end(-1)",
            "first column",
            id="move.first-column",
            show=False,
            tooltip="The first column.",
        ),
        Binding(
            "end,dollar_sign",
            "aside_to_end(1)",
            "last column",
            id="move.last-column",
            show=False,
            tooltip="The last column.",
        ),
        Binding("G", "move_to_end(1)", "last row", id="move.last", show=False, tooltip="The last row."),
    ]

    class Moved(Message):
        """The current cell is another one, or something else is in it."""

    class Selected(Message):
        """The current cell was chosen."""

    class InSight(Message):
        """Other rows or columns may be in sight. Only the latest such message counts."""

        def can_replace(self, message: Message) -> bool:
            """Give way to a later message."""
            return isinstance(message, Matrix.InSight)

    def __init__(self, empty_words: str = "") -> None:
        super().__init__(empty_words)
        self._layout = MatrixLayout(EMPTY, 0)
        self._row = 0
        self._column = 0
        self._first = 0
        self._stays = False
        # By line, as it stands on the screen: what a table draws may be another since.
        self._painted: dict[int, Strip] = {}

    # What it shows

    @property
    def _table(self) -> Table:
        return self._layout.table

    @property
    def row(self) -> Heading | None:
        """The current row, None while there is none."""
        rows = self._table.rows
        return rows[self._row] if self._row < len(rows) and not rows[self._row].is_passed_over else None

    @property
    def column(self) -> Heading | None:
        """The current column, None while there is none."""
        return self._table.columns[self._column] if self._column < len(self._table.columns) else None

    @property
    def rows_in_sight(self) -> Sequence[Heading]:
        """The rows on the screen, those of the foot left out."""
        top = self.scroll_offset.y
        return self._table.rows[top : top + self._height]

    @property
    def columns_in_sight(self) -> Sequence[Heading]:
        """The columns on the screen."""
        return self._layout.in_sight(self._first)

    def show(self, table: Table) -> None:
        """Show another table; the current cell stays where it is on the screen if its row and column are there.

        Until somebody moves it, or :meth:`stay` is called, it is where the table has its home.
        """
        row, column = self.row, self.column
        line, place = self._row - self.scroll_offset.y, self._column - self._first
        self._layout = MatrixLayout(table, self._room)
        self.virtual_size = Size(self._room, len(table.rows) + HEADER + len(table.foot))
        if self._stays:
            self._row = index_of(table.rows, row.key, self._first_row()) if row else self._first_row()
            self._column = index_of(table.columns, column.key, 0) if column else 0
            # Who sees the first column sees it also when others have come before it.
            self._first = max(0, self._column - place) if self._first else 0
            self._scroll_to_line(max(0, self._row - line))
        else:
            self._go_home()
        self._keep_in_sight()
        # While cells are being found the table comes anew ten times a second, and few lines are others.
        for y in range(self.size.height):
            if self._painted.get(y) != self._line(y):
                self.refresh(Region(0, y, self._room, 1))
        self.post_message(self.InSight())
        self.post_message(self.Moved())

    def go_to(self, row: Hashable, column: Hashable) -> None:
        """Make the cell of these keys the current one; a key that is not there, or None, leaves its direction."""
        rows = {heading.key: index for index, heading in enumerate(self._table.rows) if not heading.is_passed_over}
        columns = {heading.key: index for index, heading in enumerate(self._table.columns)}
        self._move(rows.get(row, self._row), columns.get(column, self._column))

    def go_home(self) -> None:
        """Go where the table, and any that comes after it, has its home, until somebody moves the current cell."""
        self._stays = False
        self._go_home()
        self.refresh()

    def stay(self) -> None:
        """Keep to the current cell from now on, wherever tables to come have their homes."""
        self._stays = self._stays or self.row is not None

    # Keys and mouse

    def action_select(self) -> None:
        """Choose the current cell."""
        if self.row and self.column:
            self.post_message(self.Selected())

    def action_move(self, rows: int) -> None:
        """Go rows down, or up if negative."""
        places = [index for index, row in enumerate(self._table.rows) if not row.is_passed_over]
        if places:
            place = places.index(self._row) if self._row in places else 0
            self._move(places[max(0, min(place + rows, len(places) - 1))], self._column)

    def action_aside(self, columns: int) -> None:
        """Go columns to the right, or left if negative."""
        self._move(self._row, max(0, min(self._column + columns, len(self._table.columns) - 1)))

    def action_aside_to_end(self, direction: int) -> None:
        """Go to the last column, or the first if negative."""
        self.action_aside(direction * len(self._table.columns))

    def action_move_to_end(self, direction: int) -> None:
        """Go to the last row, or the first if negative."""
        self.action_move(direction * len(self._table.rows))

    def on_click(self, event: events.Click) -> None:
        """Make what was clicked the current cell; a second click chooses it."""
        place = self._layout.column_at(event.x, self._first)
        column = self._column if place is None else place
        index = self._row_at(event.y)
        is_row = HEADER <= event.y <= self._height and index < len(self._table.rows)
        is_row = is_row and not self._table.rows[index].is_passed_over
        row = index if is_row else self._row
        if event.chain == 2 and (row, column) == (self._row, self._column):
            self.action_select()
        self._move(row, column)

    # Inside

    @property
    def _height(self) -> int:
        return max(1, self.size.height - HEADER - len(self._table.foot))

    def _row_at(self, line: int) -> int:
        """Return the place of the row on a line; on the first one, of the row that what would stand there belongs to.

        A number whose Task is above the screen would be nobody's.
        """
        place, rows = super()._row_at(line), self._table.rows
        while line == HEADER and 0 < place < len(rows) and rows[place].is_passed_over:
            place -= 1
        return place

    def _first_row(self) -> int:
        return next((index for index, row in enumerate(self._table.rows) if not row.is_passed_over), 0)

    def _go_home(self) -> None:
        self._row, self._column, self._first = self._first_row(), 0, 0
        if self._table.home is not None:
            row, column = self._table.home
            self._row = index_of(self._table.rows, row, self._row)
            self._column = index_of(self._table.columns, column, 0)
        self._scroll_to_line(0)

    def _move(self, row: int, column: int) -> None:
        self._stays = True
        if (row, column) == (self._row, self._column):
            return
        # Aside: two cells and their headings; else two lines and the headings.
        places = (self._column, column) if row == self._row else ()
        spans = {self._layout.span(place, self._first) for place in places} or {(0, self._room)}
        # A row just above the screen may stand on its first line.
        lines = {0, *(max(HEADER, self._line_of(place)) for place in (self._row, row))}
        self.refresh(*(Region(x, line, width, 1) for x, width in spans for line in lines))
        self._row, self._column = row, column
        self._keep_in_sight()
        self.post_message(self.Moved())

    def _keep_in_sight(self) -> None:
        """Scroll as little as shows the current cell, and what belongs to it below."""
        fitting = self._layout.fitting
        first = max(self._column - fitting + 1, min(self._first, self._column))
        first = max(0, min(first, len(self._table.columns) - fitting))
        if first != self._first:
            self._first = first
            self.refresh()
            self.post_message(self.InSight())
        top, height = self.scroll_offset.y, self._height
        below = itertools.takewhile(lambda row: row.is_passed_over, self._table.rows[self._row + 1 :])
        end = self._row + min(height - 1, sum(1 for _ in below))
        if self._row < top:
            self._scroll_to_line(0 if self._row == self._first_row() else self._row)
        elif end >= top + height:
            self._scroll_to_line(end - height + 1)

    def rows_came_into_sight(self) -> None:
        """Tell that other rows are in sight."""
        self.post_message(self.InSight())

    def on_resize(self) -> None:
        """Keep the current cell in sight."""
        self._layout.room = self._room
        self.virtual_size = Size(self._room, len(self._table.rows) + HEADER + len(self._table.foot))
        self._keep_in_sight()
        self.post_message(self.InSight())

    def watch_show_vertical_scrollbar(self) -> None:
        """Lay out the columns for the room that a scrollbar leaves: no resize tells of it."""
        self.on_resize()

    # Drawing

    def render_line(self, y: int) -> Strip:
        """Draw one line of the screen."""
        strip = self._painted[y] = self._line(y)
        return strip

    def _line(self, y: int) -> Strip:
        layout, look = self._layout, look_of(self)
        if y < HEADER:
            return layout.header(self._first, self._column, look)
        rows, foot = self._table.rows, self._table.foot
        shown = min(self._height, max(0, len(rows) - self.scroll_offset.y))
        index = self._row_at(y)
        if y - HEADER < shown:
            return layout.line(rows[index], self._first, self._column if index == self._row else None, look)
        if rows and 0 <= y - HEADER - shown < len(foot):
            return layout.line(foot[y - HEADER - shown], self._first, None, look)
        return layout.words(f"  {self._empty_words}" if y == HEADER + 1 and not rows else "", look)
