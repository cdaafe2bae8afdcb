"""Show the values of one parameter through the entries of its Task, the newest first."""

from __future__ import annotations

import asyncio
import time
from typing import ClassVar

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message

from dbview.errors import DbviewError
from dbview.query.relation import Column, Relation
from dbview.screens.arrangement import PROGRESS_AFTER
from dbview.screens.base import ViewerScreen, errors_in_words
from dbview.screens.compare.screen import ColumnHeads
from dbview.screens.progress import row_noun
from dbview.secrets import masked_cell
from dbview.source.entries.history import MOST_STRETCHES, End, History, Stretch, read_history
from dbview.source.reader import Reader
from dbview.source.scheduler import ScanHandle, Scheduler
from dbview.source.source import Source
from dbview.source.view.scan import Cancelled
from dbview.text import cell_text, visible
from dbview.values import Cell
from dbview.widgets.detail import DetailStrip
from dbview.widgets.drawing import fit_end, pad
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


class HistoryScreen(ViewerScreen):
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

    class Read(Message):
        """So much is known."""

        def __init__(self, history: History) -> None:
            super().__init__()
            self.history = history

    def __init__(self, source: Source, scheduler: Scheduler, relation: Relation, column: Column) -> None:
        self._parameter = visible(unspell(column.name))
        super().__init__(source, scheduler, relation.name, f"{unspell(column.name)} through time")
        self._relation = relation
        self._column = column
        self._history = History()
        self._began = 0.0
        self._scan: ScanHandle[History] | None = None
        self._heads = ColumnHeads()
        self._list = Listing(has_cursor=True)
        self._detail = DetailStrip()

    def compose_body(self) -> ComposeResult:
        """Lay out what is known in short, the list, and the current value in full."""
        yield self._heads
        yield self._list
        yield self._detail

    def on_mount(self) -> None:
        """Begin to read."""
        self._list.focus()
        self._list.show_lines([Line(((" reading …", "dim"),))])
        self.start(self._read, "history")
        self.set_timer(PROGRESS_AFTER, self._say)

    def on_unmount(self) -> None:
        """Let the reading be."""
        if self._scan is not None:
            self._scan.cancel()

    def on_resize(self) -> None:
        """Lay the columns out for the new width."""
        self.call_after_refresh(self._show)

    async def _read(self) -> None:
        self._began = time.monotonic()

        def publish(history: History) -> None:
            self.post_message(self.Read(history))

        def job(reader: Reader, cancelled: Cancelled) -> History:
            return read_history(reader, self._relation, self._column, publish, cancelled)

        scan = self._scan = self.scheduler.scan(job)
        history = await asyncio.wrap_future(scan.future)
        self._history = history
        self._show()
        if history.error is not None:
            self.show_error(history.error)

    @on(Read)
    def _take(self, message: Read) -> None:
        if not self._history.complete and self._scan is not None and not self._scan.future.done():
            self._history = message.history
            self._show()

    # Showing

    def _show(self) -> None:
        if not self._history.stretches and not self._history.complete:
            self._say()
            return
        rows = [(number, *_texts(one, self._value(one))) for number, one in enumerate(self._history.stretches)]
        width = min(max((cell_len(row[1]) for row in rows), default=0), _WIDEST_VALUE)
        width = max(8, min(width, self.size.width - _ROOM_FOR_REST))
        runs = max((cell_len(row[3]) for row in rows), default=0)
        self._list.show_lines(
            [
                Line(
                    (
                        (f"   {_cell(value, width)}", "" if value != cell_text(None) else "dim"),
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
        history = self._history
        entries = sum(one.count for one in history.stretches)
        changes = max(0, len(history.stretches) - 1)
        words = f"{entries:,} {row_noun(self._relation, entries)} · {_changed(changes)}"
        if history.has_more:
            words = f"the last {MOST_STRETCHES:,} changes, in {entries:,} {row_noun(self._relation, entries)}"
        is_slow = not history.complete and not history.has_more and time.monotonic() - self._began >= PROGRESS_AFTER
        progress = f"   ··· {int(history.scanned * 100)} % scanned" if is_slow else ""
        self._heads.lines = (
            Line(((self._parameter, "heading"), (f"   of {visible(self._relation.name)}, the newest first", "dim"))),
            Line(((words if history.stretches else "", ""), (progress, "dim"))),
            Line((("equal values that follow each other are one line", "dim"),)),
        )

    @on(Listing.Moved)
    def _tell(self) -> None:
        number = self._number()
        if number is None:
            self._detail.lines = ()
            return
        one = self._history.stretches[number]
        keys = f"#{one.newest.key}" if one.count == 1 else f"#{one.oldest.key} to #{one.newest.key}"
        self._detail.lines = (
            Line(((f"{self._parameter}  ", "name"), (cell_text(self._value(one)), ""))),
            Line(((f"{keys} · {one.valid:,} of {one.count:,} valid", ""),)),
            Line(((f"from {_moment(one.oldest)} to {_moment(one.newest)}", "dim"),)),
        )

    def show_error(self, error: DbviewError) -> None:
        """Say what went wrong; what was read stays."""
        if self._history.stretches:
            super().show_error(error)
        else:
            self._list.show_lines([Line(), Line(((f" {visible(str(error))}", "error"),))])

    # Keys

    def _number(self) -> int | None:
        key = self._list.key
        number = int(key.removeprefix(_STRETCH)) if key is not None and key.startswith(_STRETCH) else None
        return number if number is not None and number < len(self._history.stretches) else None

    @on(Listing.Selected)
    def _open(self) -> None:
        from dbview.screens.entry.screen import EntryScreen

        number = self._number()
        if number is not None:
            key = self._history.stretches[number].newest.key
            screen = EntryScreen(self.source, self.scheduler, self._relation, key)
            self.app.push_screen(screen)

    def action_refresh(self) -> None:
        """Read the entries again."""
        self.start(self._read_again, "history")

    async def _read_again(self) -> None:
        await self.read(self.source.load)
        self._relation = self.source.relation(self._relation.name)
        await self._read()


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


def _changed(times: int) -> str:
    return {0: "never changed", 1: "changed once", 2: "changed twice"}.get(times, f"changed {times:,} times")


def _cell(text: str, width: int) -> str:
    return pad(fit_end(text, width) if text.startswith("/") else text, width)
