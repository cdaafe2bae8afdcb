"""Plot a column of numbers against run, time, id or another column, in the rows that a filter finds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import ClassVar

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from dbview.query.relation import Column, Relation, Role
from dbview.query.view import View
from dbview.screens.base import errors_in_words
from dbview.screens.copying import COPY_BINDINGS, copy_from_row
from dbview.screens.numbers.asking import ask_for_column
from dbview.screens.numbers.scanning import ScanScreen
from dbview.source.numbers.points import Axis, Points, points
from dbview.source.numbers.statistics_words import number_text
from dbview.source.reader import Reader
from dbview.source.scheduler import Scheduler
from dbview.source.source import Source
from dbview.source.view.scan import Cancelled
from dbview.text import moment_text, visible
from dbview.widgets.bar import StatusLine
from dbview.widgets.plot import BOTH, FEW_SPOTS, NOT_VALID, VALID, Plot, PlotCell
from dbview.widgets.scale import Scale, moment_of

_MARGINS = 3
"""Blank cells at both ends of the line below the plot, and between what is read and the legend."""


class PlotScreen(ScanScreen[Points]):
    """Points of two columns; the cursor reads them, Enter opens the newest entry of one.

    Args:
        source: What is looked at.
        scheduler: Runs what may take time.
        view: Which rows; its filter counts.
        column: What goes upwards.
        against: What goes across; None for time, or else the next that there is.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x", "across", "time/run/id", id="plot.across", tooltip="Plot against the next of time, run and id."),
        Binding("a", "against", "against", id="plot.against", tooltip="Plot against another column."),
        Binding("L", "logarithm", "log", id="plot.logarithm", tooltip="A logarithmic axis upwards, and back."),
        Binding(
            "X",
            "logarithm_across",
            "log across",
            id="plot.logarithm-across",
            tooltip="A logarithmic axis across, and back.",
        ),
        *COPY_BINDINGS,
    ]

    def __init__(
        self, source: Source, scheduler: Scheduler, view: View, column: Column, against: Column | None = None
    ) -> None:
        self._plot = Plot()
        self._reading = StatusLine()
        self._y = Axis(column)
        relation = source.relation(view.relation)
        self._x = Axis(against or _usual_axes(relation, column)[0])
        title = f"{visible(column.label)} against {visible(self._x.column.label)}"
        super().__init__(source, scheduler, view, title, self._plot)

    def compose_body(self) -> ComposeResult:
        """Lay out the state of the scan, the plot, and what the cursor reads."""
        yield from super().compose_body()
        yield self._reading

    def scan(self) -> Callable[[Reader, Callable[[Points], None], Cancelled], Points]:
        """Return the scan of the two columns under the filter."""
        relation, filter_text, x, y = self.relation, self.view.filter, self._x, self._y

        def job(reader: Reader, publish: Callable[[Points], None], cancelled: Cancelled) -> Points:
            return points(reader, relation, filter_text, x, y, publish, cancelled)

        return job

    def show(self, found: Points) -> None:
        """Draw the points."""
        x, y = (_scale(axis, values) for axis, values in zip((self._x, self._y), _values(found), strict=True))
        self._plot.show(found.spots, x, y, self._empty_words(found))

    def _empty_words(self, found: Points) -> str:
        if not found.complete:
            return "reading …"
        if not found.rows:
            return "No row matches."
        if found.not_positive:
            return "Nothing is above 0, so nothing has a place on a logarithmic axis."
        names = f"{visible(self._y.column.label)} and {visible(self._x.column.label)}"
        return f"No row has a number in both {names}."

    def words(self, found: Points) -> list[str]:
        """Return how many rows are at points, and which are not."""
        at_points = found.rows - found.without - found.not_positive
        parts = [f"{at_points:,} of {found.rows:,} rows"]
        if found.without:
            parts.append(f"{found.without:,} without a number")
        if found.not_positive:
            parts.append(f"{found.not_positive:,} not above 0")
        if at_points and len({spot.y for spot in found.spots[:2]}) == 1 and len({spot.y for spot in found.spots}) == 1:
            parts.append(f"all {_reading(self._y, found.spots[0].y)}")
        logarithmic = [name for name, axis in (("up", self._y), ("across", self._x)) if axis.is_logarithmic]
        if logarithmic:
            parts.append(f"logarithmic {' and '.join(logarithmic)}")
        return parts

    @on(Plot.Moved)
    def _read_point(self) -> None:
        cell = self._plot.cell
        if cell is None:
            self._reading.left = self._reading.right = ""
            return
        is_few = self.found is not None and len(self.found.spots) <= FEW_SPOTS
        legend = f"{VALID} valid  {NOT_VALID} not  {BOTH} both" if is_few else f"⣿ valid  {NOT_VALID} mostly not"
        room = self.size.width - cell_len(legend) - _MARGINS
        readings = self._readings(cell)
        fitting = [reading for reading in readings if cell_len(reading) <= room]
        self._reading.left = (fitting or readings)[0]
        self._reading.right = legend if fitting else ""

    def _readings(self, cell: PlotCell) -> tuple[str, str]:
        """Return what is read at a point, in full, and in the signs of the legend."""
        rows, spot = cell.valid + cell.not_valid, cell.newest
        # Without the name of what goes upwards, which the head says: that may be long, and the numbers come first.
        name = "" if self._x.is_time else f"{visible(self._x.column.label)} "
        up, across = _reading(self._y, spot.y), _reading(self._x, spot.x)
        words, signs = (" · not valid", f" · {NOT_VALID}") if cell.not_valid else ("", "")
        if rows > 1:
            words = f" · the newest of {rows:,} rows here, {cell.not_valid:,} not valid"
            signs = f" · {rows:,} rows, {cell.not_valid:,} {NOT_VALID}"
        return (
            f"#{spot.key} · {up} · {name}{across}{words}",
            f"#{spot.key} · {up} · {across.removesuffix(' UTC')}{signs}",
        )

    # Keys

    @on(Plot.Selected)
    def _open(self, message: Plot.Selected) -> None:
        from dbview.screens.entry.screen import EntryScreen

        self.app.push_screen(EntryScreen(self.source, self.scheduler, self.relation, message.key))

    def action_copy(self, what: str) -> None:
        """Copy the number that the cursor reads, the row that it is from, or the link to its table."""
        if (cell := self._plot.cell) is not None:
            column, key = self._y.column, cell.newest.key
            self.start(lambda: copy_from_row(self, what, self.relation, self.view, column, key), "copy")

    def action_across(self) -> None:
        """Plot against the next of time, run and id."""
        usual = _usual_axes(self.relation, self._y.column)
        place = usual.index(self._x.column) + 1 if self._x.column in usual else 0
        self._plot_against(usual[place % len(usual)])

    def action_against(self) -> None:
        """Ask for another column to plot against."""
        ask_for_column(self, self.relation, "against column", self._plot_against)

    def _plot_against(self, column: Column) -> None:
        with errors_in_words(self.app):
            self.app.switch_screen(PlotScreen(self.source, self.scheduler, self.view, self._y.column, column))

    def action_logarithm(self) -> None:
        """Make the axis upwards logarithmic, or not."""
        self._y = replace(self._y, is_logarithmic=not self._y.is_logarithmic)
        self.begin()

    def action_logarithm_across(self) -> None:
        """Make the axis across logarithmic, or not."""
        self._x = replace(self._x, is_logarithmic=not self._x.is_logarithmic)
        self.begin()


def _usual_axes(relation: Relation, column: Column) -> list[Column]:
    """Return what a column is plotted against: time, run, and the key, as far as there are such columns."""
    usual = [relation.of_role(Role.TIME), relation.of_role(Role.RUN), relation.find(relation.key or "")]
    return [found for found in usual if found and found != column] or [column]


def _values(found: Points) -> tuple[Sequence[float], Sequence[float]]:
    return [spot.x for spot in found.spots], [spot.y for spot in found.spots]


def _scale(axis: Axis, values: Sequence[float]) -> Scale:
    # Points of another axis may still be shown for a moment.
    low, high = min(values, default=0.0), max(values, default=0.0)
    return Scale(low, high, axis.is_logarithmic and low > 0, axis.is_time)


def _reading(axis: Axis, value: float) -> str:
    return moment_text(moment_of(value)) if axis.is_time else number_text(value)
