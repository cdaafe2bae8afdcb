"""Show the rows that a filter finds, counted by the values of one column, or of two."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from dbview.errors import DbviewError
from dbview.query.relation import Column, Relation
from dbview.query.view import View
from dbview.screens.base import ViewerScreen, errors_in_words
from dbview.screens.cell_filter import unnamed_words, with_condition
from dbview.screens.last_scan import PROGRESS_AFTER, Found, LastScan
from dbview.screens.numbers.asking import ask_for_column
from dbview.screens.numbers.group_lines import (
    ValueKey,
    group_condition,
    group_lines,
    group_table,
    group_words,
)
from dbview.screens.numbers.number_lines import number_lines
from dbview.screens.numbers.value_lists import CountedList, CountedMatrix
from dbview.screens.trouble import Trouble
from dbview.source.numbers.axis import Value
from dbview.source.numbers.groups import Groups, group
from dbview.source.numbers.value_order import are_numbers
from dbview.source.reader import Reader
from dbview.source.scheduler import Scheduler
from dbview.source.source import Source
from dbview.source.view.scan import Cancelled
from dbview.text import visible
from dbview.widgets.bar import StatusLine
from dbview.widgets.listing import Line, Listing
from dbview.widgets.matrix import Matrix
from dbview.widgets.share_bar import ShareBar


class GroupScreen(ViewerScreen):
    """Groups of rows by one column as bars, by two as a matrix of valid of all.

    Args:
        source: What is looked at.
        scheduler: Runs what may take time.
        view: Which rows; its filter counts.
        columns: One or two columns of its relation.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "sort", "sort", id="groups.sort", tooltip="Sort by value, or by count."),
        Binding(
            "b",
            "by",
            "by another",
            id="groups.by-another",
            tooltip="Group by a second column as well; by none again: by the first alone.",
        ),
        Binding(
            "v",
            "number",
            "numbers of",
            id="groups.numbers",
            tooltip="Mean, least and greatest number of a column in each group; again takes them away.",
        ),
        Binding("r", "refresh", "refresh", id="app.refresh", tooltip="Count the rows again."),
    ]

    def __init__(self, source: Source, scheduler: Scheduler, view: View, columns: Sequence[Column]) -> None:
        self.relation: Relation = source.relation(view.relation)
        by = " and ".join(visible(column.label) for column in columns)
        super().__init__(source, scheduler, self.relation.name, f"by {by}")
        self._view = view
        self._columns = tuple(columns)
        self._share = ShareBar()
        self._status = StatusLine()
        self._list = CountedList(has_cursor=True)
        self._matrix = CountedMatrix("reading …")
        self._is_sorted = False
        self._by_count = False
        self._number: Column | None = None
        self._groups: Groups | None = None
        self._scan: LastScan[Groups] = LastScan(scheduler, self)
        self._news = ""
        self._trouble = Trouble(self)

    def compose_body(self) -> ComposeResult:
        """Lay out the bar of all rows, what they are, and the groups."""
        yield self._share
        yield self._status
        yield self._matrix if self._is_matrix else self._list

    @property
    def _is_matrix(self) -> bool:
        return len(self._columns) == 2

    def on_mount(self) -> None:
        """Begin to count."""
        self.set_focus(self._matrix if self._is_matrix else self._list)
        self._count()

    def on_unmount(self) -> None:
        """Let the scan end by itself."""
        self._scan.cancel()

    # Counting

    def _count(self) -> None:
        self._news = ""
        self._trouble.clear()
        relation, filter_text, columns, number = self.relation, self._view.filter, self._columns, self._number

        def job(reader: Reader, publish: Callable[[Groups], None], cancelled: Cancelled) -> Groups:
            return group(reader, relation, filter_text, columns, publish, cancelled, number, by_experiment=True)

        self._scan.begin(job)
        self.start(self._until_counted, "count")
        self.set_timer(PROGRESS_AFTER, self._say)
        self._say()

    async def _until_counted(self) -> None:
        await self._scan.result()
        self._say()

    @on(Found)
    def _take_count(self, message: Found) -> None:
        if self._scan.told(message):
            self._groups = message.found
            self._show()

    def show_error(self, error: DbviewError) -> None:
        """Say what went wrong; what was counted stays."""
        self._trouble.take(error)
        self._say()

    async def on_written(self) -> None:
        """Say that the file was written; nothing on the screen moves."""
        self._news = "changed · r"
        self._say()

    # What is shown

    def _say(self) -> None:
        groups = self._groups
        share = f"··· {100 * groups.scanned if groups else 0:.0f} % scanned"
        self._share.progress = share if self._scan.is_slow else ""
        parts = [self._trouble.words] if self._trouble.words else []
        if groups is None:
            parts.append("reading …")
        else:
            parts += group_words(groups)
        if self._view.filter:
            parts.append(visible(self._view.filter))
        parts.append(f"by {'count' if self._by_count else 'value'}")
        if self._number is not None and groups is not None and groups.complete and not groups.numbers:
            parts.append(f"{visible(self._number.label)} holds no numbers here; v asks for others")
        self._status.left = " · ".join(parts)
        changed = "the file changed meanwhile · r" if groups and groups.changed else ""
        self._status.right = self._news or changed
        if groups is not None and not groups.counts:
            self._matrix.empty_words = _empty_words(groups)

    def _show(self) -> None:
        groups = self._groups
        if groups is None:
            return
        self._share.outcomes = groups.outcomes()
        if not self._is_sorted:
            # Numbers come in their order; of words, the most frequent first.
            self._by_count = not self._is_matrix and not are_numbers(value for value, *_others in groups.counts)
        if self._is_matrix:
            self._matrix.show(group_table(groups, (self._columns[0], self._columns[1]), self._by_count))
        else:
            lines = self._lines(groups)
            self._list.show_lines(lines or [Line(((f"  {_empty_words(groups)}", "dim"),))])
        self._say()

    def _lines(self, groups: Groups) -> list[Line]:
        if self._number is not None and groups.numbers:
            return number_lines(groups, (self._columns[0], self._number), self._by_count, self.size.width)
        return group_lines(groups, self._columns[0], self._by_count, self.size.width)

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The cells of a matrix have no room for numbers."""
        return action != "number" or not self._is_matrix

    @on(Listing.Selected)
    def _choose_line(self, message: Listing.Selected) -> None:
        for found in self._groups.counts if self._groups else ():
            if repr(found[0]) == message.key:
                self._open(found)
                return

    @on(Matrix.Selected)
    def _choose_cell(self) -> None:
        row, column = self._matrix.row, self._matrix.column
        if row and column and isinstance(row.key, ValueKey) and isinstance(column.key, ValueKey):
            values = (row.key.value, column.key.value)
            if self._groups and values in self._groups.counts:
                self._open(values)

    def _open(self, values: Sequence[Value]) -> None:
        """Show the rows of a group."""
        from dbview.screens.table.screen import TableScreen

        text = self._view.filter
        for column, value in zip(self._columns, values, strict=True):
            condition = group_condition(self.relation, column, value)
            if condition is None:
                self.notify(unnamed_words(column, value, "this group"), severity="warning", markup=False)
                return
            text = with_condition(text, condition)
        view = replace(self._view, filter=text, position=None)
        with errors_in_words(self.app):
            self.app.push_screen(TableScreen(self.source, self.scheduler, view))

    def action_sort(self) -> None:
        """Sort by value, or by count."""
        self._is_sorted, self._by_count = True, not self._by_count
        self._show()

    def action_by(self) -> None:
        """Ask for another column to group by as well; two columns become the first alone."""
        if self._is_matrix:
            self.app.switch_screen(GroupScreen(self.source, self.scheduler, self._view, self._columns[:1]))
            return
        ask_for_column(self, self.relation, "and by column", self._take_column)

    def action_number(self) -> None:
        """Ask for a column whose numbers are told of each group, or take these away."""
        if self._number is not None:
            self._number = None
            self._count()
            return
        ask_for_column(self, self.relation, "numbers of column", self._take_number)

    def _take_number(self, column: Column) -> None:
        self._number = column
        self._count()

    def _take_column(self, column: Column) -> None:
        if column in self._columns:
            words = f"These are grouped by {visible(column.label)} already: name another column."
            self.notify(words, severity="warning", markup=False)
        else:
            with errors_in_words(self.app):
                self.app.switch_screen(GroupScreen(self.source, self.scheduler, self._view, (*self._columns, column)))

    def action_refresh(self) -> None:
        """Count the rows again."""
        self._count()


def _empty_words(groups: Groups) -> str:
    return "No row matches." if groups.complete else "reading …"
