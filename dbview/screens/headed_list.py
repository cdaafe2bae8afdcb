"""A screen that lists what one scan finds, between heads that stay and the current line in full."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from textual import on
from textual.app import ComposeResult

from dbview.errors import DbviewError
from dbview.screens.base import ViewerScreen
from dbview.screens.last_scan import Found, LastScan
from dbview.source.reader import Reader
from dbview.source.scheduler import Scheduler
from dbview.source.source import Source
from dbview.source.view.scan import Cancelled
from dbview.text import visible
from dbview.widgets.detail import DetailStrip
from dbview.widgets.drawing import wrap
from dbview.widgets.listing import Line, Listing


class _Findings(Protocol):
    @property
    def complete(self) -> bool:
        """False while more may come."""


FindingsT = TypeVar("FindingsT", bound=_Findings)


class ColumnHeads(DetailStrip):
    """Three lines over columns that scroll below."""

    DEFAULT_CSS = """
ColumnHeads { border-top: none; border-bottom: solid $panel-lighten-2; }
"""


class HeadedListScreen(ViewerScreen, Generic[FindingsT]):
    """A list under its heads, filled as far as its scan has come; below it the current line in full.

    Args:
        source: What is looked at.
        scheduler: Runs what may take time.
        places: Names from the file down to what this screen shows.
        waiting: Stands in the list until something is found.

    Attributes:
        found: What is known; None until something is.
    """

    def __init__(self, source: Source, scheduler: Scheduler, *places: str, waiting: str) -> None:
        super().__init__(source, scheduler, *places)
        self.found: FindingsT | None = None
        self._waiting = waiting
        self._scan: LastScan[FindingsT] = LastScan(scheduler, self)
        self._heads = ColumnHeads()
        self._list = Listing(has_cursor=True)
        self._detail = DetailStrip()

    def compose_body(self) -> ComposeResult:
        """Lay out the heads, the list, and the current line in full."""
        yield self._heads
        yield self._list
        yield self._detail

    def on_mount(self) -> None:
        """Begin to look."""
        self.set_focus(self._list)
        self._list.show_lines([Line(((f" {self._waiting}", "dim"),))])
        self.start(self._look_for, "list")

    def on_unmount(self) -> None:
        """Let the scan be."""
        self._scan.cancel()

    def on_resize(self) -> None:
        """Lay the columns out for the new width."""
        self.call_after_refresh(self.redraw)

    # What is particular to a screen

    def find(self, reader: Reader, publish: Callable[[FindingsT], None], cancelled: Cancelled) -> FindingsT:
        """Return what there is to show; runs in a worker.

        Args:
            reader: Used by this call alone while it runs.
            publish: Given what is known so far, as often as that is worth showing.
            cancelled: Asked between steps.
        """
        raise NotImplementedError

    def show(self, found: FindingsT) -> None:
        """Draw heads and list."""
        raise NotImplementedError

    def tell(self) -> None:
        """Say the current line in full."""
        raise NotImplementedError

    # The scan

    async def _look_for(self) -> None:
        self._scan.begin(self.find)
        self.take(await self._scan.result())

    @on(Found)
    def _take_part(self, message: Found) -> None:
        is_news = self._scan.told(message) and self._scan.is_running
        # What is known in full stays until it is known anew.
        if is_news and (self.found is None or not self.found.complete):
            self.take(message.found)

    def take(self, found: FindingsT) -> None:
        """Show what is known now."""
        self.found = found
        self.show(found)

    def redraw(self) -> None:
        """Draw again what is known."""
        if self.found is not None:
            self.show(self.found)

    def show_error(self, error: DbviewError) -> None:
        """Say in the place of the list why there is none."""
        room = max(1, self.size.width - 2)
        said = [Line(((f" {piece}", "error"),)) for piece in wrap(visible(str(error)), room, room)]
        self._list.show_lines([Line(), *said])

    @on(Listing.Moved)
    def _tell(self) -> None:
        self.tell()

    def action_refresh(self) -> None:
        """Read the file again."""
        self.start(self._look_again, "list")

    async def _look_again(self) -> None:
        await self.reload()
        await self._look_for()

    async def reload(self) -> None:
        """Learn again what the file holds."""
        await self.read(self.source.load)
