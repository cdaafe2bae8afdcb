"""Draw points between two axes, in braille or one mark each, with a cursor that goes from point to point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from dbview.source.numbers.points import Spot
from dbview.widgets import tones
from dbview.widgets.drawing import pad
from dbview.widgets.scale import Scale, Tick

FEW_SPOTS = 300
"""So many points have a mark each, which is easier to see than a dot of braille."""

_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""Bits of a braille character, by row and column of its dots."""

VALID, NOT_VALID, BOTH = "•", "x", "&"
"""Marks of a place by its rows; the first is a ``*`` where there is no such character."""

_WIDEST_LABEL = 14
_TICK_ROWS = 4
"""Rows for one tick of the upward axis."""
_LEAST_TICKS = 3
_TICK_GAP = 4


@dataclass(slots=True)
class PlotCell:
    """The points in one cell of the terminal.

    Attributes:
        newest: The one with the newest row.
        valid: Rows that are valid.
        not_valid: Rows that are not.
        dots: Which dots of braille are set.
    """

    newest: Spot
    valid: int = 0
    not_valid: int = 0
    dots: int = field(default=0)


class Plot(Widget, can_focus=True):
    """Points between two axes.

    Attributes:
        cells: The points by column and row of the cell they are in, counted from the upper left one.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"plot--cursor", *tones.COMPONENT_CLASSES}
    DEFAULT_CSS = (
        """
Plot {
    height: 1fr;
    background: $background;
    & > .plot--cursor { text-style: bold reverse; }
"""
        + tones.CSS
        + "}"
    )

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select", "open", id="app.open", tooltip="Show the newest entry of the point in full."),
        Binding("left,h", "aside(-1)", "left", id="move.left", show=False, tooltip="The next point to the left."),
        Binding("right,l", "aside(1)", "right", id="move.right", show=False, tooltip="The next point to the right."),
        Binding("up,k", "climb(-1)", "up", id="move.up", show=False, tooltip="The next point above."),
        Binding("down,j", "climb(1)", "down", id="move.down", show=False, tooltip="The next point below."),
        Binding("home", "end(0)", "first", id="move.first", show=False, tooltip="The first point from the left."),
        Binding("end,G", "end(-1)", "last", id="move.last", show=False, tooltip="The last point."),
    ]

    class Moved(Message):
        """The cursor is on another point, or the points are others."""

    @dataclass
    class Selected(Message):
        """A point was chosen."""

        key: int

    def __init__(self) -> None:
        super().__init__()
        self.cells: dict[tuple[int, int], PlotCell] = {}
        self._spots: Sequence[Spot] = ()
        self._scales = Scale(0, 0), Scale(0, 0)
        self._x_ticks: Sequence[Tick] = ()
        self._y_ticks: dict[int, str] = {}
        self._gutter = 0
        self._cursor: tuple[int, int] | None = None
        self._empty_words = ""

    def show(self, spots: Sequence[Spot], x: Scale, y: Scale, empty_words: str = "") -> None:
        """Show other points; the cursor stays on its own, or goes to the newest.

        Args:
            spots: The points.
            x: The axis across.
            y: The axis upwards.
            empty_words: What is said where there are none.
        """
        self._spots, self._scales, self._empty_words = spots, (x, y), empty_words
        self._lay_out()

    @property
    def cell(self) -> PlotCell | None:
        """The points that the cursor is on."""
        return self.cells.get(self._cursor) if self._cursor else None

    def on_resize(self) -> None:
        """Use the room there is."""
        self._lay_out()

    # Layout

    @property
    def _width(self) -> int:
        return max(1, self.size.width - self._gutter - 2)

    @property
    def _height(self) -> int:
        return max(1, self.size.height - 2)

    def _lay_out(self) -> None:
        current = self.cell.newest.key if self.cell else None
        x, y = self._scales
        y_ticks = self._upward_ticks(y) if self._spots else []
        self._gutter = min(_WIDEST_LABEL, max((cell_len(tick.label) for tick in y_ticks), default=0)) + 1
        self._y_ticks = {self._row(tick.value): tick.label for tick in y_ticks}
        self._x_ticks = self._fitting_ticks(x) if self._spots else []
        self.cells = {}
        for spot in self._spots:
            self._put(spot)
        place = next((place for place, cell in self.cells.items() if cell.newest.key == current), None)
        newest = max(self.cells, key=lambda place: self.cells[place].newest.key, default=None)
        self._cursor = place or newest
        self.refresh()
        self.post_message(self.Moved())

    def _upward_ticks(self, y: Scale) -> Sequence[Tick]:
        """Return a tick for every few rows, or closer ones where these would be too few to read a height by."""
        ticks: Sequence[Tick] = ()
        for most in range(max(2, self._height // _TICK_ROWS), self._height + 1):
            ticks = y.ticks(most)
            if len(ticks) >= _LEAST_TICKS:
                break
        return ticks or y.ticks(1)

    def _fitting_ticks(self, x: Scale) -> Sequence[Tick]:
        """Return as many ticks as have room beside each other."""
        for most in range(self._width // _TICK_GAP, 1, -1):
            ticks = x.ticks(most)
            if sum(cell_len(tick.label) + _TICK_GAP for tick in ticks) <= self._width:
                return ticks
        return x.ticks(1)

    def _row(self, value: float) -> int:
        return self._height - 1 - int(self._scales[1].place(value) * (self._height * 4 - 1)) // 4

    def _put(self, spot: Spot) -> None:
        x = round(self._scales[0].place(spot.x) * (self._width * 2 - 1))
        y = self._height * 4 - 1 - round(self._scales[1].place(spot.y) * (self._height * 4 - 1))
        cell = self.cells.setdefault((x // 2, y // 4), PlotCell(spot))
        if spot.key > cell.newest.key:
            cell.newest = spot
        cell.valid += spot.valid
        cell.not_valid += spot.not_valid
        cell.dots |= _DOTS[y % 4][x % 2]

    # Drawing

    def render_line(self, y: int) -> Strip:
        """Draw one line: points, the lower axis, or what stands below it."""
        width, base = self.size.width, self.rich_style
        dim = base + tones.tone_style(self, "dim")
        if not self._spots:
            words = f"   {self._empty_words}" if y == 1 else ""
            return Strip([Segment(words, dim)]).adjust_cell_length(width, base)
        if y < self._height:
            label = self._y_ticks.get(y, "")
            edge = "┤" if label else "│"
            segments = [Segment(f"{pad(label, self._gutter - 1, right=True)} {edge}", dim)]
            segments += [self._drawn(column, y) for column in range(self._width)]
        elif y == self._height:
            segments = [Segment(" " * self._gutter + "└" + self._lower_edge(), dim)]
        else:
            segments = [Segment(" " * (self._gutter + 1) + self._lower_labels(), dim)]
        return Strip(segments).adjust_cell_length(width, base)

    def _drawn(self, column: int, row: int) -> Segment:
        cell = self.cells.get((column, row))
        if cell is None:
            return Segment(" ", self.rich_style)
        tone = "good" if not cell.not_valid else "bad" if not cell.valid else "late"
        style = self.rich_style + tones.tone_style(self, tone)
        if (column, row) == self._cursor:
            style += self.get_component_rich_style("plot--cursor", partial=True)
        return Segment(self._mark(cell), style)

    def _mark(self, cell: PlotCell) -> str:
        if len(self._spots) <= FEW_SPOTS:
            return VALID if not cell.not_valid else NOT_VALID if not cell.valid else BOTH
        return NOT_VALID if cell.not_valid > cell.valid else chr(0x2800 + cell.dots)

    def _columns(self) -> list[tuple[int, str]]:
        place = self._scales[0].place
        return [(round(place(tick.value) * (self._width * 2 - 1)) // 2, tick.label) for tick in self._x_ticks]

    def _lower_edge(self) -> str:
        marked = {column for column, _label in self._columns()}
        return "".join("┬" if column in marked else "─" for column in range(self._width))

    def _lower_labels(self) -> str:
        line = ""
        for column, label in self._columns():
            start = max(0, min(column - cell_len(label) // 2, self._width - cell_len(label)))
            if start > len(line) or not line:
                line = line.ljust(start) + label
        return line

    # The cursor

    def action_aside(self, columns: int) -> None:
        """Go to the nearest point in the columns to one side."""
        self._go(columns, 0)

    def action_climb(self, rows: int) -> None:
        """Go to the nearest point above or below."""
        self._go(0, rows)

    def _go(self, columns: int, rows: int) -> None:
        if self._cursor is None:
            return
        column, row = self._cursor

        def distance(place: tuple[int, int]) -> tuple[int, int]:
            aside, away = abs(place[0] - column), abs(place[1] - row)
            return (aside, away) if columns else (aside * 2 + away, aside)

        there = [
            place
            for place in self.cells
            if (place[0] - column) * columns > 0 or (not columns and (place[1] - row) * rows > 0)
        ]
        if there:
            self._set_cursor(min(there, key=distance))

    def action_end(self, place: int) -> None:
        """Go to the first or the last point from the left."""
        if self.cells:
            self._set_cursor(sorted(self.cells)[place])

    def _set_cursor(self, place: tuple[int, int]) -> None:
        self._cursor = place
        self.refresh()
        self.post_message(self.Moved())

    def action_select(self) -> None:
        """Choose the point."""
        if cell := self.cell:
            self.post_message(self.Selected(cell.newest.key))

    def on_click(self, event: events.Click) -> None:
        """Go to the point under the mouse, or near it."""
        column, row = event.x - self._gutter - 1, event.y
        near = min(self.cells, key=lambda place: abs(place[0] - column) + 2 * abs(place[1] - row), default=None)
        if near is not None:
            self._set_cursor(near)
