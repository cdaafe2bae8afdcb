"""Show what an entry was made from and what was made from it, two levels at once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message

from dbview.errors import DbviewError
from dbview.query.view import EntryPlace
from dbview.screens.arrangement import PROGRESS_AFTER
from dbview.screens.base import ViewerScreen, errors_in_words
from dbview.screens.entry.row_lines import row_key, row_of_key
from dbview.screens.row_detail import row_name
from dbview.source.entries.lineage import Lineage, Link, find_lineage
from dbview.source.reader import Reader
from dbview.source.scheduler import ScanHandle, Scheduler
from dbview.source.source import Source
from dbview.source.view.scan import Cancelled
from dbview.text import cell_text, visible
from dbview.widgets.listing import Line, Listing, Span, section
from dbview.widgets.symbols import status_symbol, status_tone, validity_word


class LineageScreen(ViewerScreen):
    """The entries that one is linked with by files.

    Args:
        source: What is looked at.
        scheduler: Runs what may take time.
        place: The entry.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "move(1)", "down", id="move.down", show=False, tooltip="One line down."),
        Binding("k", "move(-1)", "up", id="move.up", show=False, tooltip="One line up."),
        Binding("r", "refresh", "refresh", id="app.refresh", show=False, tooltip="Look at the entries again."),
    ]

    class Found(Message):
        """So much is known.

        Attributes:
            lineage: What is known.
            number: Number of the search; those before the last do not count any more.
        """

        def __init__(self, lineage: Lineage, number: int) -> None:
            super().__init__()
            self.lineage = lineage
            self.number = number

    def __init__(self, source: Source, scheduler: Scheduler, place: EntryPlace) -> None:
        self._place = place
        super().__init__(
            source, scheduler, place.relation, row_name(source.relation(place.relation), place.key), "lineage"
        )
        self._known = Lineage()
        self._began = 0.0
        self._number = 0
        self._scan: ScanHandle[Lineage] | None = None
        self._list = Listing(has_cursor=True, wraps=True)

    def compose_body(self) -> ComposeResult:
        """Lay out the list."""
        yield self._list

    def on_mount(self) -> None:
        """Begin to look."""
        self._list.focus()
        self.start(self._look_for, "lineage")
        self.set_timer(PROGRESS_AFTER, self._show)

    def on_unmount(self) -> None:
        """Let the search be."""
        if self._scan is not None:
            self._scan.cancel()

    async def _look_for(self) -> None:
        if self._scan is not None:
            self._scan.cancel()
        number = self._number = self._number + 1
        self._began, self._known = time.monotonic(), Lineage()
        relations, place = self.source.relations(), self._place

        def job(reader: Reader, cancelled: Cancelled) -> Lineage:
            return find_lineage(reader, relations, place, self.source.path, publish, cancelled)

        def publish(lineage: Lineage) -> None:
            self.post_message(self.Found(lineage, number))

        self._scan = self.scheduler.scan(job)
        self._known = await asyncio.wrap_future(self._scan.future)
        self._show()

    @on(Found)
    def _take(self, message: Found) -> None:
        if message.number == self._number and not self._known.complete:
            self._known = message.lineage
            self._show()

    # Showing

    def _show(self) -> None:
        self._list.show_lines(lineage_lines(self._known, self._place, self._progress()))

    def _progress(self) -> str:
        if self._known.complete or time.monotonic() - self._began < PROGRESS_AFTER:
            return ""
        return f"··· {int(self._known.scanned * 100)} % scanned"

    def show_error(self, error: DbviewError) -> None:
        """Say in the place of the entries why they are not known."""
        self._list.show_lines([Line(), Line(((f" {visible(str(error))}", "error"),), indent=1)])

    # Keys

    @on(Listing.Selected)
    def _open(self, message: Listing.Selected) -> None:
        from dbview.screens.entry.screen import EntryScreen

        place = row_of_key(message.key.partition("/")[2])
        with errors_in_words(self.app):
            relation = self.source.relation(place.relation)
            self.app.push_screen(EntryScreen(self.source, self.scheduler, relation, place.key))

    def action_move(self, lines: int) -> None:
        """Move the cursor."""
        self._list.action_move(lines)

    def action_refresh(self) -> None:
        """Look at the entries again."""
        self.start(self._look_for, "lineage")


def lineage_lines(known: Lineage, place: EntryPlace, progress: str) -> list[Line]:
    """Return the lines of what is known of a lineage.

    Args:
        known: What is known.
        place: The entry.
        progress: How far the search is; empty if that is nothing to tell.
    """
    lines = [
        Line(
            (
                (f" {visible(place.relation)} #{place.key}", "heading"),
                ("   entries that name the same files", "dim"),
                (f"   {progress}", "dim"),
            )
        )
    ]
    for title, words, links in (
        ("Made from", "nothing recorded made what it was given", known.made_from),
        ("Used by", "nothing recorded was given what it made", known.used_by),
    ):
        lines += section(title)
        lines += _tree(links, title, place) or [Line(((f"   {words if known.complete else 'looking …'}", "dim"),))]
    if known.has_more:
        lines += [Line(), Line(((" A Task has more such entries: these are its newest.", "late"),))]
    return lines


def _tree(links: Sequence[Link], title: str, place: EntryPlace) -> list[Line]:
    lines: list[Line] = []
    for link in links:
        # By their places, so that the cursor stays where it is when others are found.
        lines.append(_line(link, title, 0, ""))
        for one in link.beyond or ():
            again = " · where this began" if one.place == place else ""
            lines.append(_line(one, f"{title}.{link.place.key}", 1, again))
    return lines


def _line(link: Link, where: str, depth: int, again: str) -> Line:
    return Line((*_spans(link, depth), (again, "dim")), f"{where}/{row_key(link.place)}", indent=8 + 4 * depth)


def _spans(link: Link, depth: int) -> Iterator[Span]:
    yield f"   {'    ' * depth}", ""
    yield f"{status_symbol(link.status)} ", status_tone(link.status)
    yield f"{visible(link.place.relation)} #{link.place.key}", ""
    validity = validity_word(link.valid)
    if validity != "valid":
        yield f" · {validity}", "late"
    yield f"  run {cell_text(link.run)} · {cell_text(link.time)}", "dim"
    if link.is_later:
        yield " · recorded later", "late"
    yield f"  {visible(link.path)}", "name"
