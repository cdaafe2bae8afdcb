"""Draw the lines of a grid: its header, and rows of cells with their tones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from dbview.query.relation import Column, Role
from dbview.text import NULL, cell_text
from dbview.widgets.column_cursor import ColumnCursor
from dbview.widgets.columns import GridColumn, Placed, is_number
from dbview.widgets.drawing import fit, pad
from dbview.widgets.grid_look import GridLook
from dbview.widgets.grid_rows import GridRows
from dbview.widgets.symbols import (
    LATEST,
    VALID,
    outcome_symbol,
    outcome_tone,
    status_symbol,
    status_tone,
    validity_symbol,
)
from dbview.widgets.window import RowWindow

NOT_THERE_YET = "·"
"""Drawn for a cell that has been asked for."""

MARGIN = 2
"""Cells at the left edge: which row is the current one, and which are marked."""

MARK = "•"
"""Stands at the left edge of a row that is marked."""


class RowMarks(NamedTuple):
    """What stands beside rows, by their keys.

    Attributes:
        marked: Those that are marked.
        signs: Of rows that stand out, for they are new or have changed: drawn in the place of the mark.
        latest: Those that a next Task is given, which is drawn beside a status that is valid.
    """

    marked: frozenset[int] = frozenset()
    signs: Mapping[int, str] = MappingProxyType({})
    latest: frozenset[int] = frozenset()


class GridLines:
    """The lines of a grid as its columns and rows stand.

    Args:
        columns: Which are in sight, and which is the current one.
        rows: Those that are known.
        is_settled: False if other columns are about to be set.

    Attributes:
        sort: The columns sorted by, the one that decides first; True for a descending one.
        marks: What stands beside rows.
        is_settled: False while no title is drawn.
    """

    def __init__(self, columns: ColumnCursor, rows: GridRows, is_settled: bool) -> None:
        self._columns = columns
        self._rows = rows
        self.sort: Mapping[Column, bool] = {}
        self.marks = RowMarks()
        self.is_settled = is_settled

    def titles(self, width: int, look: GridLook) -> Strip:
        """Return the titles, the current one underlined, with marks for the sort and for columns beyond the edges.

        Args:
            width: Cells of the line.
            look: Its styles.
        """
        if not self.is_settled:
            return Strip.blank(width, look.header)
        layout, placed, sort = self._columns.layout, self._columns.placed, self.sort
        segments = [Segment("← " if self._columns.has_more_before else "  ", look.header)]
        ranks = {column: str(rank) if len(sort) > 1 else "" for rank, column in enumerate(sort, start=1)}
        for place, space in _rooms(placed, width - MARGIN):
            # The last cell of the line tells whether there is more.
            room = min(space, width - MARGIN - 1 - place.x)
            column = layout.columns[place.column]
            descends = sort.get(column.column) if not column.is_symbol else None
            if descends is None:
                title = pad(column.title, place.width, layout.is_right(place.column))
            else:
                title = fit(column.title, place.width) + ranks[column.column] + ("▾" if descends else "▴")
            title = fit(title, room)
            style = look.header + Style(underline=True) if place.column == self._columns.index else look.header
            segments += [Segment(title, style), Segment(" " * (room - cell_len(title)), look.header)]
        line = Strip(segments).adjust_cell_length(width - 1, look.header)
        has_more_after = bool(placed) and placed[-1].column < len(layout.columns) - 1
        return Strip([*line, Segment("→" if has_more_after else " ", look.header)], width)

    def row(self, position: int, width: int, look: GridLook) -> Strip:
        """Return one row.

        Args:
            position: Which row.
            width: Cells of the line.
            look: Its styles.
        """
        layout, window, marks = self._columns.layout, self._rows.window, self.marks
        current = self._columns.index if position == self._rows.position else None
        key = window.key(position)
        sign = "" if key is None else marks.signs.get(key, "")
        base = look.base if current is None else look.base + look.row
        if sign:
            base += look.fresh
        segments = [Segment(" " if current is None else "▌", base)]
        segments.append(Segment(sign or (MARK if key in marks.marked else " "), base + look.tone("accent")))
        for place, room in _rooms(self._columns.placed, width - MARGIN):
            text, tone, is_right = _drawn(window, position, layout.columns[place.column], key in marks.latest)
            # NULL stands where the numbers of its column do.
            is_right = is_right or (text == NULL and layout.is_right(place.column))
            style = look.cell if place.column == current else base + look.tone(tone)
            segments += [Segment(pad(text, place.width, is_right), style), Segment(" " * (room - place.width), base)]
        return Strip(segments).adjust_cell_length(width, base)


def _drawn(window: RowWindow, position: int, column: GridColumn, is_latest: bool) -> tuple[str, str, bool]:
    """Return a cell's text, its tone, and whether it stands at the right of its column."""
    known = window.cell(position, column.column)
    if known is None:
        return NOT_THERE_YET, "dim", False
    (cell,) = known
    if column.is_symbol:
        valid = window.cell(position, column.validity) if column.validity else None
        if valid is None:
            return status_symbol(cell), status_tone(cell), False
        is_given = is_latest and validity_symbol(valid[0]) == VALID
        symbol = status_symbol(cell) + LATEST if is_given else outcome_symbol(cell, valid[0])
        return symbol, outcome_tone(cell, valid[0]), False
    tone = "dim" if cell is None else status_tone(cell) if column.column.role is Role.STATUS else ""
    return cell_text(cell), tone, is_number(cell, column.column)


def _rooms(placed: Sequence[Placed], width: int) -> list[tuple[Placed, int]]:
    """Return each column with the cells up to the next one."""
    if not placed:
        return []
    ends = [*(place.x for place in placed[1:]), width]
    return [(place, max(place.width, end - place.x)) for place, end in zip(placed, ends, strict=True)]
