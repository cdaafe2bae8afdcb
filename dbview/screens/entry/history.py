"""Show the values of one parameter through the entries of its Task, the newest first."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from rich.cells import cell_len
from textual import on
from textual.binding import Binding, BindingType

from dbview.errors import DbviewError
from dbview.query.relation import Column, Relation
from dbview.screens.base import ViewerScreen, errors_in_words
from dbview.screens.headed_list import HeadedListScreen
from dbview.screens.last_scan import PROGRESS_AFTER
from dbview.screens.progress import row_noun
from dbview.secrets import masked_cell
from dbview.source.entries.history import End, History, Stretch, read_history
from dbview.source.reader import Reader
from dbview.source.scheduler import Scheduler
from dbview.source.source import Source
from dbview.source.view.scan import Cancelled
from dbview.text import cell_text, visible
from dbview.values import Cell
from dbview.widgets.drawing import pad
from dbview.widgets.listing import Line, Listing
from recorder.layout.flatten import unspell

_STRETCH = "stretch:"
_WIDEST_VALUE = 48
_ROOM_FOR_REST = 52
"""Cells for what stands beside the value."""


def parameter_column(relation: Relation, name: str) -> Column | None:
    """Return the column of a Task that holds a parameter, by the parameter's flat name as it is shown."""
    return next((column for column in relation.parameters if visible(unspell(column.name)) == name), None)


def open_history(screen: ViewerScreen, task: str, name: str) -> None:
    """Show the history of a parameter, or say why it has none."""
    with errors_in_words(screen.app):
        relation = screen.source.relation(task)
        column = parameter_column(relation, name)
        if column is None:
            screen.notify(f"No column holds {name} alone, so it has no history.", markup=False)
        else:
            screen.app.push_screen(HistoryScreen(screen.source, screen.scheduler, relation, column))


class HistoryScreen(HeadedListScreen[History]):
    """The values of one parameter; consecutive entries with the same value are one line.

    Args:
        source: What is looked at.
        scheduler: Runs what may take time.
        relation: The Task.
        column: The parameter's column.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "refresh", "refresh", id="app.refresh", show=False, tooltip="Read the entries again."),
    ]

    def __init__(self, source: Source, scheduler: Scheduler, relation: Relation, column: Column) -> None:
        self._parameter = visible(unspell(column.name))
        places = (relation.name, f"{unspell(column.name)} through time")
        super().__init__(source, scheduler, *places, waiting="reading …")
        self._relation = relation
        self._column = column

    def on_mount(self) -> None:
        """Say what is read; and how far that has come, once it has taken a while."""
        self._say()
        self.set_timer(PROGRESS_AFTER, self._say)

    def find(self, reader: Reader, publish: Callable[[History], None], cancelled: Cancelled) -> History:
        """Read the values."""
        return read_history(reader, self._relation, self._column, publish, cancelled)

    def take(self, found: History) -> None:
        """Show what is known now, and what ended it early."""
        super().take(found)
        if found.error is not None:
            self.show_error(found.error)

    async def reload(self) -> None:
        """Learn again what the file holds, and the Task."""
        await super().reload()
        self._relation = self.source.relation(self._relation.name)

    # Showing

    def show(self, found: History) -> None:
        """Show the stretches, below each other in columns."""
        if not found.stretches and not found.complete:
            self._say()
            return
        rows = [(number, *_texts(one, self._value(one))) for number, one in enumerate(found.stretches)]
        width = min(max((cell_len(row[1]) for row in rows), default=0), _WIDEST_VALUE)
        width = max(8, min(width, self.size.width - _ROOM_FOR_REST))
        runs = max((cell_len(row[3]) for row in rows), default=0)
        self._list.show_lines(
            [
                Line(
                    (
                        (f"   {pad(value, width)}", "" if value != cell_text(None) else "dim"),
                        (f"  {pad(count, 16, right=True)}", ""),
                        (f"  {pad(run, runs)}", "name"),
                        (f"  {when}", "dim"),
                    ),
                    f"{_STRETCH}{number}",
                )
                for number, value, count, run, when in rows
            ]
            or [Line(((" There are no entries here yet.", "dim"),))]
        )
        self._say()

    def _value(self, one: Stretch) -> Cell:
        return masked_cell(self._column, one.value)

    def _say(self) -> None:
        history = self.found or History()
        words = f"{history.entries:,} {row_noun(self._relation, history.entries)} · {history.words}"
        is_slow = not history.complete and not history.has_more and self._scan.is_slow
        progress = f"   ··· {int(history.scanned * 100)} % scanned" if is_slow else ""
        self._heads.lines = (
            Line(((self._parameter, "heading"), (f"   of {visible(self._relation.name)}, the newest first", "dim"))),
            Line(((words if history.stretches else "", ""), (progress, "dim"))),
            Line((("equal values that follow each other are one line", "dim"),)),
        )

    def tell(self) -> None:
        """Say value, entries and times of the current stretch."""
        one = self._current()
        if one is None:
            self._detail.lines = ()
            return
        keys = f"#{one.newest.key}" if one.count == 1 else f"#{one.oldest.key} to #{one.newest.key}"
        self._detail.lines = (
            Line(((f"{self._parameter}  ", "name"), (cell_text(self._value(one)), ""))),
            Line(((f"{keys} · {one.valid:,} of {one.count:,} valid", ""),)),
            Line(((f"from {_moment(one.oldest)} to {_moment(one.newest)}", "dim"),)),
        )

    def show_error(self, error: DbviewError) -> None:
        """Say what went wrong; what was read stays."""
        if self.found is not None and self.found.stretches:
            ViewerScreen.show_error(self, error)
        else:
            super().show_error(error)

    # Keys

    def _current(self) -> Stretch | None:
        key = self._list.key
        if self.found is None or key is None or not key.startswith(_STRETCH):
            return None
        number = int(key.removeprefix(_STRETCH))
        return self.found.stretches[number] if number < len(self.found.stretches) else None

    @on(Listing.Selected)
    def _open(self, message: Listing.Selected) -> None:
        from dbview.screens.entry.screen import EntryScreen

        if (one := self._current()) is not None:
            self.app.push_screen(EntryScreen(self.source, self.scheduler, self._relation, one.newest.key))


def _texts(one: Stretch, value: Cell) -> tuple[str, str, str, str]:
    """Return value, counts, runs and moments of a stretch."""
    count = f"{one.count:,}{_validity(one)}"
    run = _span(*(f"run {cell_text(end.run)}" for end in (one.oldest, one.newest)))
    when = _when(*(cell_text(end.time)[:16] for end in (one.oldest, one.newest)))
    return "empty" if value == "" else cell_text(value), count, run, when


def _validity(one: Stretch) -> str:
    if one.valid == one.count:
        return " valid"
    return f", {one.valid:,} valid" if one.valid else " not valid"


def _span(oldest: str, newest: str) -> str:
    return newest if oldest == newest else f"{oldest} … {newest.removeprefix('run ')}"


def _when(oldest: str, newest: str) -> str:
    """Return from when to when, each as ``2024-02-14 15:09``: of two days only these, of one only the times."""
    (day, _blank, _time), (last_day, _, last_time) = oldest.partition(" "), newest.partition(" ")
    return _span(day, last_day) if day != last_day else _span(oldest, newest if oldest == newest else last_time)


def _moment(end: End) -> str:
    return f"{cell_text(end.time)} UTC"
