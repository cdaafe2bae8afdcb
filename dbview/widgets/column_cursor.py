"""Know which column of a grid is the current one and which are in sight; the pinned ones always are."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from dbview.query.relation import Column
from dbview.widgets.columns import GAP, Chosen, GridColumn, Layout, Placed
from dbview.widgets.window import Part, RowWindow

_AHEAD = 6
"""Columns asked for beyond the right edge, so that their widths are known before they are seen."""


class ColumnCursor:
    """The current column of a layout, and the first of those that scroll.

    Args:
        chosen: The columns.
        room: Returns how many cells of a line columns can take.

    Attributes:
        layout: How wide they are.
        index: Of the current column.
    """

    def __init__(self, chosen: Chosen, room: Callable[[], int]) -> None:
        self.layout = Layout(chosen)
        self.index = min(chosen.pinned, len(chosen.columns) - 1)
        self._room = room
        self._first = chosen.pinned

    @property
    def current(self) -> GridColumn:
        """The current column."""
        return self.layout.columns[self.index]

    @property
    def last(self) -> int:
        """Index of the last column."""
        return len(self.layout.columns) - 1

    @property
    def placed(self) -> list[Placed]:
        """The columns in sight, and where they stand."""
        return self.layout.place(self._first, self._room())

    @property
    def has_more_before(self) -> bool:
        """True if columns have been scrolled out at the left."""
        return self._first > self.layout.pinned

    @property
    def can_pin(self) -> bool:
        """True if the columns up to the current one would leave a third of the line to others."""
        taken = sum(self.layout.width(index) + GAP for index in range(self.index + 1))
        return 3 * taken <= 2 * self._room()

    @property
    def wanted(self) -> tuple[Column, ...]:
        """The columns whose cells are needed: those in sight, and some beyond."""
        placed, columns = self.placed, self.layout.columns
        last = max((place.column for place in placed), default=0)
        indexes = [*(place.column for place in placed), *range(last + 1, min(last + 1 + _AHEAD, len(columns)))]
        return tuple(dict.fromkeys(source for index in indexes for source in columns[index].sources))

    def replace(self, chosen: Chosen, widths: Mapping[str, int], name: str) -> None:
        """Have other columns, or in another order; those that stay keep what is known of them.

        The current one stays the current one if it is among them; else the one that takes its place is.

        Args:
            chosen: The columns.
            widths: Widths given by hand, by the name of the column.
            name: Of the column to go to, if it is among them; empty to stay.
        """
        before, last = self.current, len(chosen.columns) - 1
        self.layout = Layout(chosen, widths, self.layout)
        places = {column: index for index, column in enumerate(chosen.columns)}
        named = (index for column, index in places.items() if column.column.name == name and not column.is_symbol)
        self.index = next(named, places.get(before, min(self.index, last)))
        self._first = max(chosen.pinned, min(self._first, last))

    def show(self) -> bool:
        """Scroll as little as shows the current column; tell whether that moved anything."""
        first = self.layout.first_showing(self.index, self._first, self._room())
        return self._scroll(max(self.layout.pinned, first))

    def show_first(self) -> bool:
        """Have back what was scrolled out at the left; tell whether that moved anything."""
        return self._scroll(self.layout.pinned)

    def _scroll(self, first: int) -> bool:
        moves, self._first = first != self._first, first
        return moves

    def measure(self, part: Part, window: RowWindow) -> None:
        """Measure the columns of which a part has brought cells."""
        came = frozenset(part.columns)
        for index, column in enumerate(self.layout.columns):
            if column.column in came:
                self.layout.measure(index, window.column(column.column))

    def measure_placed(self, window: RowWindow) -> None:
        """Measure the columns in sight whose cells are here already."""
        for index, _x, _width in self.placed:
            cells = window.column(self.layout.columns[index].column)
            if cells and not self.layout.is_measured(index):
                self.layout.measure(index, cells)
