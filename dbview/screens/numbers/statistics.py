"""Show what the values of a column are like, in the rows that a filter finds."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType

from dbview.query.relation import Column
from dbview.query.view import View
from dbview.screens.cell_filter import unnamed_words
from dbview.screens.numbers.group_lines import group_condition
from dbview.screens.numbers.opening import numbers_of_column
from dbview.screens.numbers.scanning import ScanScreen
from dbview.screens.numbers.statistics_lines import Choices, statistics_lines
from dbview.screens.numbers.value_lists import CountedList
from dbview.source.numbers.statistics import Statistics, column_statistics
from dbview.source.reader import Reader
from dbview.source.scheduler import Scheduler
from dbview.source.source import Source
from dbview.source.view.scan import Cancelled
from dbview.text import visible
from dbview.widgets.listing import Line, Listing


class StatisticsScreen(ScanScreen[Statistics]):
    """Counts, numbers, a histogram and the most frequent values of a column; Enter shows the rows behind a bar.

    Args:
        source: What is looked at.
        scheduler: Runs what may take time.
        view: Which rows; its filter counts.
        column: Which column of its relation.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("P", "plot", "plot", id="statistics.plot", tooltip="Plot the numbers against time, run or id."),
    ]

    def __init__(self, source: Source, scheduler: Scheduler, view: View, column: Column) -> None:
        self._column = column
        self._list = CountedList(has_cursor=True)
        self._choices: Choices = {}
        super().__init__(source, scheduler, view, f"{visible(column.label)}: statistics", self._list)

    def scan(self) -> Callable[[Reader, Callable[[Statistics], None], Cancelled], Statistics]:
        """Return the scan of the column under the filter."""
        relation, filter_text, column = self.relation, self.view.filter, self._column

        def job(reader: Reader, publish: Callable[[Statistics], None], cancelled: Cancelled) -> Statistics:
            return column_statistics(reader, relation, filter_text, column, publish, cancelled)

        return job

    def show(self, found: Statistics) -> None:
        """Draw the statistics."""
        lines, self._choices = statistics_lines(found, self._column, self.size.width)
        if found.complete and not found.rows:
            lines = [Line((("   No row matches.", "dim"),))]
        self._list.show_lines(lines)

    def words(self, found: Statistics) -> list[str]:
        """Return how many rows there are."""
        return [f"{found.rows:,} row{'s' * (found.rows != 1)}"]

    def on_resize(self) -> None:
        """Draw bars for another width."""
        self.redraw()

    def action_plot(self) -> None:
        """Plot the column's numbers in the same rows."""
        self.app.push_screen(numbers_of_column("plot", self, self.view, self._column))

    @on(Listing.Selected)
    def _choose(self, message: Listing.Selected) -> None:
        if message.key in self._choices:
            value = self._choices[message.key]
            words = unnamed_words(self._column, value, "these rows")
            self.open_rows(group_condition(self.relation, self._column, value), words)
