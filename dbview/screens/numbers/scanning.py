"""A screen that shows what one scan finds, as far as it has come."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Generic

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widget import Widget

from dbview.errors import DbviewError
from dbview.query.relation import Relation
from dbview.query.view import View
from dbview.screens.arrangement import PROGRESS_AFTER
from dbview.screens.base import ViewerScreen, errors_in_words
from dbview.screens.trouble import Trouble
from dbview.source.reader import Reader
from dbview.source.scheduler import ScanHandle, Scheduler
from dbview.source.source import Source
from dbview.source.view.scan import Cancelled, FoundT
from dbview.text import visible
from dbview.widgets.bar import StatusLine


class ScanScreen(ViewerScreen, Generic[FoundT]):
    """What one scan over the rows of a filter finds; Escape stops it first, where it takes long.

    Args:
        source: What is looked at.
        scheduler: Runs what may take time.
        view: Which rows; its filter counts.
        title: What the screen shows of the relation.
        body: Where what is found is drawn.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "refresh", "refresh", id="app.refresh", tooltip="Read the rows again."),
    ]

    @dataclass
    class Found(Message):
        """The scan has come as far as this."""

        generation: int
        found: Any

        def can_replace(self, message: Message) -> bool:
            """Give way to a later message, unless that comes from an earlier scan."""
            return isinstance(message, ScanScreen.Found) and message.generation >= self.generation

    def __init__(self, source: Source, scheduler: Scheduler, view: View, title: str, body: Widget) -> None:
        self.relation: Relation = source.relation(view.relation)
        super().__init__(source, scheduler, self.relation.name, title)
        self.view = view
        self.found: FoundT | None = None
        self._body = body
        self._status = StatusLine()
        self._generation = 0
        self._handle: ScanHandle[FoundT] | None = None
        self._began = 0.0
        self._was_stopped = False
        self._news = ""
        self._trouble = Trouble(self)

    def compose_body(self) -> ComposeResult:
        """Lay out the words for the state of the scan, and what it finds."""
        yield self._status
        yield self._body

    def on_mount(self) -> None:
        """Begin to look."""
        self._body.focus()
        self.begin()

    def on_unmount(self) -> None:
        """Let the scan end by itself."""
        self._end()

    # What is particular to a screen

    def scan(self) -> Callable[[Reader, Callable[[FoundT], None], Cancelled], FoundT]:
        """Return the scan as it is wanted now; it runs in a thread, so it holds what it needs of the screen."""
        raise NotImplementedError

    def show(self, found: FoundT) -> None:
        """Draw what is found."""
        raise NotImplementedError

    def words(self, found: FoundT) -> list[str]:
        """Return what the line above says of what is found, in parts."""
        raise NotImplementedError

    # The scan

    def begin(self) -> None:
        """Look at the rows, instead of what was asked for before; what was found stays until there is more."""
        self._end()
        self._generation += 1
        self._news, self._was_stopped, self._began = "", False, time.monotonic()
        self._trouble.clear()
        generation, scan = self._generation, self.scan()

        def publish(found: FoundT) -> None:
            self.post_message(self.Found(generation, found))

        handle = self._handle = self.scheduler.scan(lambda reader, cancelled: scan(reader, publish, cancelled))
        self.start(lambda: self._until_ended(handle), "scan")
        self.set_timer(PROGRESS_AFTER, self.say)
        self.say()

    async def _until_ended(self, handle: ScanHandle[FoundT]) -> None:
        # The result itself is published like all before it; here an error would come out.
        await asyncio.wrap_future(handle.future)
        self.say()

    @on(Found)
    def _take(self, message: Found) -> None:
        if message.generation == self._generation:
            self.found = message.found
            self.redraw()

    def redraw(self) -> None:
        """Draw again what has been found."""
        if self.found is not None:
            self.show(self.found)
        self.say()

    def _end(self) -> None:
        if self._handle:
            self._handle.cancel()

    @property
    def has_failed(self) -> bool:
        """True if the scan went wrong: no more will be found."""
        return bool(self._trouble.words)

    @property
    def _is_running(self) -> bool:
        return self._handle is not None and not self._handle.future.done() and not self._was_stopped

    @property
    def _is_slow(self) -> bool:
        return self._is_running and time.monotonic() - self._began >= PROGRESS_AFTER

    def say(self) -> None:
        """Put the state of the scan into words."""
        found = self.found
        parts = [self._trouble.words] if self._trouble.words else []
        if found is not None:
            parts += self.words(found)
        elif not self._trouble.words:
            parts.append("reading …")
        if self.view.filter:
            parts.append(visible(self.view.filter))
        self._status.left = " · ".join(parts)
        share = f"{100 * found.scanned if found else 0:.0f} % scanned"
        if self._is_slow:
            self._status.right = f"··· {share} · Esc stops"
        elif self._was_stopped:
            self._status.right = f"stopped: {share} · r"
        else:
            changed = "the file changed meanwhile · r" if found and found.changed else ""
            self._status.right = self._news or changed

    def show_error(self, error: DbviewError) -> None:
        """Say what went wrong; what was found stays."""
        self._trouble.take(error)
        self.redraw()

    async def on_written(self) -> None:
        """Say that the file was written; nothing on the screen moves."""
        self._news = "changed · r"
        self.say()

    # Keys

    def action_refresh(self) -> None:
        """Read the rows again."""
        self.begin()

    def action_back(self) -> None:
        """Stop a scan that shows its progress; else go back."""
        if self._is_slow:
            self._was_stopped = True
            self._end()
            self.say()
        else:
            super().action_back()

    def open_rows(self, condition: str | None, unnamed: str) -> None:
        """Show the rows that fulfil one more condition; if that is None, say why no filter can name them."""
        from dbview.screens.cell_filter import with_condition
        from dbview.screens.table.screen import TableScreen

        if condition is None:
            self.notify(unnamed, severity="warning", markup=False)
            return
        view = replace(self.view, filter=with_condition(self.view.filter, condition), position=None)
        with errors_in_words(self.app):
            self.app.push_screen(TableScreen(self.source, self.scheduler, view))
