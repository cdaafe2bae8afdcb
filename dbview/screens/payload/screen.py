"""Show what a Task left: text, a tree, a table, an image, an array, bytes; read in parts, beside the interface."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widget import Widget

from dbview.errors import DbviewError, NoAnswer
from dbview.payload.array import ArrayDocument
from dbview.payload.folding import FoldingTree
from dbview.payload.opening import Opened, Target, target_of_choice, target_of_payload
from dbview.payload.recognise import Payload
from dbview.screens.base import ViewerScreen
from dbview.screens.payload.keys import PAYLOAD_BINDINGS
from dbview.screens.payload.reading import Reading
from dbview.screens.payload.search import Search
from dbview.screens.payload.search_bar import SearchBar
from dbview.screens.payload.sent_graphics import SentGraphics
from dbview.screens.payload.viewport import Drawn, Viewport
from dbview.source.scheduler import Scheduler
from dbview.source.source import Source
from dbview.text import visible
from dbview.widgets.bar import Bar
from dbview.widgets.drawing import wrap
from dbview.widgets.page import Page

T = TypeVar("T")

Job = Callable[[Viewport], object]

PATIENCE = 30.0
"""Seconds after which a file system that does not answer is given up."""


def open_payload(screen: ViewerScreen, payload: Payload, *places: str) -> None:
    """Open the screen of a payload over another one; say so where there is nothing more to see of it.

    Args:
        screen: The one below.
        payload: What was recognised.
        places: Names from the table down to the entry.
    """
    target = target_of_payload(payload, screen.source.path)
    if target is None:
        screen.notify("There is no more to this payload than stands here.", markup=False)
    else:
        screen.app.push_screen(PayloadScreen(screen.source, screen.scheduler, target, *places))


class PayloadScreen(ViewerScreen):
    """A payload, or what was chosen in one.

    Args:
        source: What is looked at.
        scheduler: Runs what may take time.
        target: What to open.
        places: Names from the table down to it.
    """

    BINDINGS: ClassVar[list[BindingType]] = PAYLOAD_BINDINGS

    def __init__(self, source: Source, scheduler: Scheduler, target: Target, *places: str) -> None:
        super().__init__(source, scheduler, *places, target.name)
        self._places = (*places, target.name)
        self._target = target
        self._page = Page()
        self._bar = SearchBar()
        self._opened: Opened | None = None
        self._form = 0
        self._viewport: Viewport | None = None
        self._jobs: list[tuple[Job, Callable[[Any], None] | None]] = []
        self._is_working = False
        self._reading = Reading(visible(target.name))
        self._graphics = SentGraphics(self)
        self._search = Search(self, self._ask, self._say)
        self._has_failed = False

    def compose_body(self) -> ComposeResult:
        """Lay out the search bar and the page."""
        yield self._bar
        yield self._page

    def on_mount(self) -> None:
        """Open it."""
        self.set_focus(self._page)
        self._say("opening …")
        self.start(self._open, "payload")

    def on_unmount(self) -> None:
        """Let go of the file as soon as nobody reads it any more."""
        self._search.stop()
        self._let_go()

    # Reading

    async def _read_payload(self, job: Callable[[], T]) -> T:
        """Run a job beside the interface; what is open is given up if it does not answer."""
        try:
            # A search takes as long as it takes, and can be stopped.
            return await self._reading.run(job, None if self._search.is_running else PATIENCE)
        except NoAnswer:
            self._opened = self._viewport = None
            raise

    async def _open(self) -> None:
        """Open it, and show it in its first form."""
        self._has_failed = False
        opened = await self._read_payload(self._target.open)
        self._opened, self._form = opened, 0
        await self._show_form()

    async def _show_form(self) -> None:
        if self._opened is None:
            return
        form, (width, height) = self._opened.forms.forms[self._form], self._page.size
        self._say("reading …")
        self._viewport, self._has_failed = None, False
        self._viewport = await self._read_payload(lambda: Viewport(form.open(), width, height))
        self._ask(Viewport.stay)
        self.refresh_bindings()

    def _ask(self, job: Job, then: Callable[[Any], None] | None = None) -> None:
        """Have something done to what is shown; what is asked for meanwhile is done together and drawn once.

        Args:
            job: Done elsewhere.
            then: Given what the job returned, once that is drawn.
        """
        self._jobs.append((job, then))
        if not self._is_working and self._viewport is not None:
            self.start(self._work, "payload work")

    async def _work(self) -> None:
        self._is_working = True
        try:
            while self._jobs and self._viewport is not None:
                await self._do(self._viewport)
        except DbviewError as error:
            # What is shown stays, unless it cannot be read at all any more.
            (self.show_error if self._viewport is None else super().show_error)(error)
        finally:
            self._is_working = False

    async def _do(self, viewport: Viewport) -> None:
        asked, self._jobs = self._jobs, []

        def job() -> tuple[list[object], list[Drawn], float]:
            results = [do(viewport) for do, _then in asked]
            header = viewport.header()
            return results, [*([header] if header else []), *viewport.lines()], viewport.share

        results, lines, share = await self._read_payload(job)
        self._graphics.show(viewport.document.graphics)
        self._page.show_lines(lines)
        self._say_where(share)
        for (_do, then), result in zip(asked, results, strict=True):
            if then is not None:
                then(result)

    # Words

    def _say(self, words: str, right: str = "") -> None:
        self._bar.status.left, self._bar.status.right = words, right

    def _say_where(self, share: float) -> None:
        opened, viewport = self._opened, self._viewport
        if opened is None or viewport is None:
            return
        self._say(opened.words(self._form, viewport.document.note), f"{100 * share:.0f} %")

    def show_error(self, error: DbviewError) -> None:
        """Say in the place of what was asked for why it is not there."""
        self._say("")
        room = max(20, self._page.size.width - 6)
        lines = [((f"   {line}", "error"),) for line in wrap(visible(str(error)), room, room)]
        self._page.show_lines([Drawn(()), *map(Drawn, lines)])
        self._has_failed = True
        self.refresh_bindings()

    def leave_terminal(self) -> None:
        """Take back the image that the terminal was sent."""
        self._graphics.show(None)

    def _let_go(self) -> None:
        """Close what is open once nobody reads it, and have the terminal forget what it was sent."""
        opened = self._opened
        self._opened = self._viewport = None
        self._graphics.show(None)
        if opened is not None:
            self._reading.close(opened.content)

    # Keys

    @property
    def focus_chain(self) -> list[Widget]:
        """What Tab goes through: it stays where it is, and opens no search."""
        return [self.focused] if self.focused is not None else []

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what makes sense in the present form."""
        document = self._viewport.document if self._viewport else None
        match action:
            case "choose":
                return document is not None and document.has_cursor
            case "wrap":
                return document is not None and document.wraps
            case "slice":
                return isinstance(document, ArrayDocument) and document.slices > 1
            case "search":
                return not self._has_failed and not self._bar.is_edited
            case "again":
                return not self._has_failed
            case "next_form":
                return self._opened is not None and len(self._opened.forms.forms) > 1
            case _:
                return True

    def action_move(self, lines: int) -> None:
        """Move by lines."""
        self._ask(lambda viewport: viewport.move(lines))

    def action_page(self, pages: int) -> None:
        """Move by pages."""
        self._ask(lambda viewport: viewport.page(pages))

    def action_first(self) -> None:
        """Go to the beginning."""
        self._ask(Viewport.to_start)

    def action_last(self) -> None:
        """Go to the end."""
        self._ask(Viewport.to_end)

    def action_sideways(self, steps: int) -> None:
        """Scroll to the side; fold or unfold in a tree."""

        def job(viewport: Viewport) -> None:
            document = viewport.document
            if isinstance(document, FoldingTree):
                viewport.go_to(document.unfold(viewport.cursor) if steps > 0 else document.fold(viewport.cursor))
            else:
                viewport.sideways(steps)

        self._ask(job)

    def action_wrap(self) -> None:
        """Wrap long lines, or do not."""
        self._ask(lambda viewport: viewport.set_wraps(not viewport.wraps))

    def action_slice(self, slices: int) -> None:
        """Show another slice of an array."""
        width, height = self._page.size

        def job(viewport: Viewport) -> None:
            if isinstance(viewport.document, ArrayDocument):
                viewport.document.step(slices)
                viewport.resize(width, height)

        self._ask(job)

    def action_next_form(self) -> None:
        """Show it in the next form."""
        if self._opened is not None:
            self._form = (self._form + 1) % len(self._opened.forms.forms)
            self.start(self._show_form, "payload")

    def action_choose(self) -> None:
        """Fold, unfold or open what the cursor is on."""
        self._ask(Viewport.choose, self._open_choice)

    def _open_choice(self, chosen: object) -> None:
        target = target_of_choice(chosen, self.source.path)
        if target is not None:
            self.app.push_screen(PayloadScreen(self.source, self.scheduler, target, *self._places))

    def action_refresh(self) -> None:
        """Open it again."""
        self._let_go()
        self.start(self._open, "payload")

    def action_back(self) -> None:
        """Stop searching; else go back to the screen before."""
        if self._search.is_running:
            self._search.stop()
        else:
            self.dismiss(None)

    def on_page_resized(self) -> None:
        """Lay it out for the room there is."""
        width, height = self._page.size
        self._ask(lambda viewport: viewport.resize(width, height))

    def on_page_scrolled(self, event: Page.Scrolled) -> None:
        """Move as far as the wheel was turned."""
        self.action_move(event.lines)

    # Searching

    def action_search(self) -> None:
        """Put the cursor into the search bar."""
        self._bar.edit()

    def on_bar_left(self) -> None:
        """Go back to the page."""
        self.set_focus(self._page)

    def on_bar_applied(self, event: Bar.Applied) -> None:
        """Find what was entered."""
        self.set_focus(self._page)
        self._search.find(event.text, backwards=False, again=False)

    def action_again(self, step: int) -> None:
        """Find the next place of the same words, or the one before."""
        if self._bar.text:
            self._search.find(self._bar.text, backwards=step < 0, again=True)
        else:
            self._bar.edit()
