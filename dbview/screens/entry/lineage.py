"""Show what an entry was made from and what was made from it, two levels at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from dbview.errors import DbviewError
from dbview.query.view import EntryPlace
from dbview.screens.base import ViewerScreen, errors_in_words
from dbview.screens.entry.row_lines import row_key, row_of_key
from dbview.screens.last_scan import PROGRESS_AFTER, Found, LastScan
from dbview.screens.row_detail import row_name
from dbview.source.entries.lineage import Lineage, Link, find_lineage
from dbview.source.reader import Reader
from dbview.source.scheduler import Scheduler
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

    def __init__(self, source: Source, scheduler: Scheduler, place: EntryPlace) -> None:
        self._place = place
        super().__init__(
            source, scheduler, place.relation, row_name(source.relation(place.relation), place.key), "lineage"
        )
        self._known = Lineage()
        self._scan: LastScan[Lineage] = LastScan(scheduler, self)
        self._list = Listing(has_cursor=True, wraps=True)

    def compose_body(self) -> ComposeResult:
        """Lay out the list."""
        yield self._list

    def on_mount(self) -> None:
        """Begin to look."""
        self.set_focus(self._list)
        self.start(self._look_for, "lineage")
        self.set_timer(PROGRESS_AFTER, self._show)

    def on_unmount(self) -> None:
        """Let the search be."""
        self._scan.cancel()

    async def _look_for(self) -> None:
        self._known = Lineage()
        relations, place, path = self.source.relations(), self._place, self.source.path

        def job(reader: Reader, publish: Callable[[Lineage], None], cancelled: Cancelled) -> Lineage:
            return find_lineage(reader, relations, place, path, publish, cancelled)

        self._scan.begin(job)
        self._known = await self._scan.result()
        self._show()

    @on(Found)
    def _take(self, message: Found) -> None:
        if self._scan.told(message) and not self._known.complete:
            self._known = message.found
            self._show()

    # Showing

    def _show(self) -> None:
        self._list.show_lines(lineage_lines(self._known, self._place, self._progress()))

    def _progress(self) -> str:
        return f"··· {int(self._known.scanned * 100)} % scanned" if self._scan.is_slow else ""

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
