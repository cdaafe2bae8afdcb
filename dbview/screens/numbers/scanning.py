"""A screen that shows what one scan finds, as far as it has come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar, Generic

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widget import Widget

from dbview.errors import DbviewError
from dbview.query.relation import Relation
from dbview.query.view import View
from dbview.screens.base import ViewerScreen, errors_in_words
from dbview.screens.last_scan import PROGRESS_AFTER, Found, LastScan
from dbview.screens.trouble import Trouble
from dbview.source.reader import Reader
from dbview.source.scheduler import Scheduler
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

    def __init__(self, source: Source, scheduler: Scheduler, view: View, title: str, body: Widget) -> None:
        self.relation: Relation = source.relation(view.relation)
        super().__init__(source, scheduler, self.relation.name, title)
        self.view = view
        self.found: FoundT | None = None
        self._body = body
        self._status = StatusLine()
        self._scan: LastScan[FoundT] = LastScan(scheduler, self)
        self._news = ""
        self._trouble = Trouble(self)

    def compose_body(self) -> ComposeResult:
        """Lay out the words for the state of the scan, and what it finds."""
        yield self._status
        yield self._body

    def on_mount(self) -> None:
        """Begin to look."""
        self.set_focus(self._body)
        self.begin()

    def on_unmount(self) -> None:
        """Let the scan end by itself."""
        self._scan.cancel()

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
        self._news = ""
        self._trouble.clear()
        self._scan.begin(self.scan())
        self.start(self._until_ended, "scan")
        self.set_timer(PROGRESS_AFTER, self.say)
        self.say()

    async def _until_ended(self) -> None:
        # The result itself is published like all before it; here an error would come out.
        await self._scan.result()
        self.say()

    @on(Found)
    def _take(self, message: Found) -> None:
        if self._scan.told(message):
            self.found = message.found
            self.redraw()

    def redraw(self) -> None:
        """Draw again what has been found."""
        if self.found is not None:
            self.show(self.found)
        self.say()

    @property
    def has_failed(self) -> bool:
        """True if the scan went wrong: no more will be found."""
        return bool(self._trouble.words)

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
        if self._scan.is_slow:
            self._status.right = f"··· {share} · Esc stops"
        elif self._scan.was_stopped:
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
        if self._scan.is_slow:
            self._scan.stop()
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
