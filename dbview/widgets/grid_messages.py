"""What a grid asks for, and what it tells."""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message

from dbview.widgets.columns import GridColumn
from dbview.widgets.window import Part


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
