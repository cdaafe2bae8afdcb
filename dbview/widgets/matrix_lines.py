"""Lay out a matrix and draw its lines: what it shows, how many columns fit, which one stands where."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from dbview.widgets.drawing import fit, pad
from dbview.widgets.listing import Span
from dbview.widgets.tones import tone_style

_MARGIN = 2
_WIDEST_LABEL = 34
_LEAST_COLUMNS = 3
"""Headings at the left are cut off where they would leave less room than for so many columns."""


class Heading(NamedTuple):
    """What stands at the left of a row or over a column.

    Attributes:
        label: Visible text.
        key: What it stands for.
        tone: How the label of a row is drawn.
        is_passed_over: True for a row that the cursor cannot be on; it belongs to the one above.
    """

    label: str
    key: Hashable = None
    tone: str = ""
    is_passed_over: bool = False


@dataclass(frozen=True)
class Table:
    """What a matrix shows.

    Attributes:
        corner: What the rows are, and what the columns are.
        rows: From top to bottom.
        columns: From left to right.
        width: Cells of a column.
        cell: Returns the visible text and the tone of the cell of a row and a column.
        foot: Rows that stay in sight below the others; the cursor passes them over.
        home: Keys of the row and the column that are the current ones at first; None for the first of both.
    """

    corner: tuple[str, str]
    rows: Sequence[Heading]
    columns: Sequence[Heading]
    width: int
    cell: Callable[[Heading, Heading], Span]
    foot: Sequence[Heading] = ()
    home: tuple[Hashable, Hashable] | None = None


def index_of(headings: Sequence[Heading], key: Hashable, otherwise: int) -> int:
    """Return where the heading with a key is."""
    return next((index for index, heading in enumerate(headings) if heading.key == key), otherwise)


EMPTY = Table(("", ""), (), (), 1, lambda _row, _column: ("", ""))


class MatrixLook(NamedTuple):
    """The styles of a matrix in the current theme.

    Attributes:
        row: Laid over the base for the current row.
        cell: The current cell.
        tone: Returns what is laid over for a tone.
    """

    base: Style
    header: Style
    row: Style
    cell: Style
    tone: Callable[[str], Style]


def look_of(widget: Widget) -> MatrixLook:
    """Return the styles of a matrix, from its component classes."""
    return MatrixLook(
        base=widget.rich_style,
        header=widget.get_component_rich_style("matrix--header"),
        row=widget.get_component_rich_style("matrix--current", partial=True),
        cell=widget.get_component_rich_style("matrix--cell"),
        tone=partial(tone_style, widget),
    )


class MatrixLayout:
    """Where the columns of a table are, on lines of some width.

    Args:
        table: What is shown.
        room: Cells of a line.

    Attributes:
        table: What is shown.
        room: Cells of a line; may be set.
    """

    def __init__(self, table: Table, room: int) -> None:
        self.table = table
        self.room = room
        self._label_width = max((cell_len(row.label) for row in (*table.rows, *table.foot)), default=0)

    @property
    def fitting(self) -> int:
        """How many columns there is room for, at least one."""
        # The last cell of a line is left to the bracket behind the current cell.
        return max(1, (self.room - self._labels - 1) // self._stride)

    def in_sight(self, first: int) -> Sequence[Heading]:
        """Return the columns that stand on the screen if this is the first of them."""
        return self.table.columns[first : first + self.fitting]

    def column_at(self, x: int, first: int) -> int | None:
        """Return the index of the column at a place of a line, None if there is none."""
        place = first + (x - self._labels) // self._stride
        return place if x >= self._labels and place < len(self.table.columns) else None

    def span(self, place: int, first: int) -> tuple[int, int]:
        """Return where a column begins on a line and how many cells it takes, the bracket behind it included."""
        return self._labels + (place - first) * self._stride, self._stride + 1

    @property
    def _stride(self) -> int:
        return self.table.width + 1

    @property
    def _labels(self) -> int:
        """Cells in front of the first column."""
        corner = cell_len(self.table.corner[0]) + 2 + cell_len(self.table.corner[1])
        wanted = _MARGIN + max(corner, min(self._label_width, _WIDEST_LABEL)) + 1
        return max(_MARGIN + 1, min(wanted, self.room - _LEAST_COLUMNS * self._stride))

    # Drawing

    def header(self, first: int, current: int, look: MatrixLook) -> Strip:
        """Return the headings of the columns.

        Args:
            first: Index of the first column on the screen.
            current: Index of the current one.
            look: The styles.
        """
        left, right = self.table.corner if self.table.columns else ("", "")
        label = self._labels - _MARGIN - 1
        before = "←" if first else " "
        corner = pad(left, label - cell_len(right) - 1) + " " + right if right else pad(left, label)
        segments = [Segment(f"  {fit(corner, label)}{before}", look.header)]
        for place, column in enumerate(self.in_sight(first), first):
            style = look.header + Style(underline=True) if place == current else look.header
            text = fit(column.label, self.table.width)
            segments += [Segment(" " * (self._stride - cell_len(text)), look.header), Segment(text, style)]
        line = Strip(segments).simplify().adjust_cell_length(self.room - 1, look.header)
        has_more = first + self.fitting < len(self.table.columns)
        return Strip([*line, Segment("→" if has_more else " ", look.header)], self.room)

    def line(self, row: Heading, first: int, current: int | None, look: MatrixLook) -> Strip:
        """Return one row.

        Args:
            row: Its heading.
            first: Index of the first column on the screen.
            current: Index of the current column if this is the current row, else None.
            look: The styles.
        """
        base = look.base if current is None else look.base + look.row
        label = pad(row.label, self._labels - _MARGIN)
        style = base + look.tone(row.tone if current is None else "accent")
        segments = [Segment("  " if current is None else "▌ ", base), Segment(label, style)]
        is_after_current = False
        for place, column in enumerate(self.in_sight(first), first):
            text, tone = self.table.cell(row, column)
            text = fit(text, self.table.width)
            blank = self._stride - cell_len(text)
            if is_after_current:
                # The bracket takes the first blank in front of the next cell.
                segments.append(Segment("]", look.cell))
                blank -= 1
            is_after_current = place == current
            if is_after_current:
                segments += [Segment(" " * (blank - 1), base), Segment(f"[{text}", look.cell)]
            else:
                # In one style with the blank, so that cells of one tone are one segment for a slow line.
                segments.append(Segment(" " * blank + text, base + look.tone(tone)))
        if is_after_current:
            segments.append(Segment("]", look.cell))
        return Strip(segments).simplify().adjust_cell_length(self.room, base)

    def words(self, text: str, look: MatrixLook) -> Strip:
        """Return a line that says something in the place of rows."""
        segment = Segment(fit(text, self.room), look.base + look.tone("dim"))
        return Strip([segment]).adjust_cell_length(self.room, look.base)
