"""What all screens have in common: head and key line, reading in the background, a look at the file's clock."""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Future
from typing import Any, ClassVar, Protocol, TypeVar, cast

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.worker import Worker

from dbview.errors import CopyTooLarge, DbviewError
from dbview.settings import Settings
from dbview.source.reader import Reader
from dbview.source.scheduler import Scheduler
from dbview.source.source import Source
from dbview.text import size_text, visible
from dbview.widgets.head import Head, waiting_words, written_words
from dbview.widgets.key_line import KeyLine

T = TypeVar("T")

LOOK_SECONDS = 1.0
"""How often the file is asked whether it was written."""

WAITING_SECONDS = 2.0
"""How long reading may take before the head says what is waited for."""

ERROR_SECONDS = 5.0
"""How long an error stands over the screen: it takes longer to read than other words."""


class _HasSettings(Protocol):
    settings: Settings


def copy_words(reason: str) -> str:
    """Return that, and why, a private copy is shown."""
    return f"This is a private copy: {reason}. r takes another if the file was written since."


@contextlib.contextmanager
def errors_in_words(app: App[Any]) -> Iterator[None]:
    """Say for a moment what goes wrong inside, such as that a table is gone; what is on the screen stays."""
    try:
        yield
    except DbviewError as error:
        app.notify(visible(str(error)), severity="error", timeout=ERROR_SECONDS, markup=False)


class ViewerScreen(Screen[int | None]):
    """A screen onto one source.

    Only the interface's own thread touches a screen: what is read elsewhere comes back as a result or a message.

    Args:
        source: What is looked at.
        scheduler: Runs what may take time.
        places: Names from the file down to what this screen shows.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "question_mark", "help", "keys", id="app.help", tooltip="All keys, the symbols, and the filter language."
        ),
        Binding(
            "escape", "back", "back", id="app.back", tooltip="Back to the screen before; the cursor is where it was."
        ),
        Binding("q", "app.quit", "quit", id="app.quit", tooltip="Leave dbview."),
    ]

    DEFAULT_CSS = """
ViewerScreen { layout: vertical; overflow: hidden; }
"""

    def __init__(self, source: Source, scheduler: Scheduler, *places: str) -> None:
        super().__init__()
        self.source = source
        self.scheduler = scheduler
        # As of before anything is read here: what is written from now on is told of.
        self._written_at = source.last_written_at
        self._written_words = ""
        self._reading_since: list[float] = []
        self._asked_to_copy = False
        self._copied_because = source.copied_because
        self._head = Head((source.path.name, *places), source.access)

    def compose(self) -> ComposeResult:
        """Lay out head, body and key line."""
        yield self._head
        yield from self.compose_body()
        yield KeyLine()

    def compose_body(self) -> ComposeResult:
        """Lay out what is particular to the screen; nothing here."""
        yield from ()

    def on_mount(self) -> None:
        """Begin to look at the file's clock."""
        self.set_interval(LOOK_SECONDS, self._look)
        self._look()

    def on_screen_suspend(self) -> None:
        """Take back what was said on this screen: it makes no sense on another."""
        self.app.clear_notifications()

    @property
    def settings(self) -> Settings:
        """What the person set, and what is remembered for them."""
        return cast(_HasSettings, self.app).settings

    # Reading

    async def read(self, job: Callable[[Reader], T]) -> T:
        """Run a short job on the reading thread and return its result."""
        return await self.result_of(self.scheduler.read(job))

    async def result_of(self, reading: Future[T]) -> T:
        """Wait for what the reading thread was asked for; the head says so if that takes long."""
        began = time.monotonic()
        self._reading_since.append(began)
        try:
            return await asyncio.wrap_future(reading)
        finally:
            self._reading_since.remove(began)

    @property
    def waits_for(self) -> str:
        """What it is that takes long when reading does."""
        return "the file"

    def start(self, work: Callable[[], Awaitable[None]], group: str) -> None:
        """Call an asynchronous function beside the interface; it takes the place of an earlier one of its group."""

        async def with_errors_shown() -> None:
            try:
                await work()
            except DbviewError as error:
                self.show_error(error)
                if isinstance(error, CopyTooLarge):
                    self._ask_to_copy(error)

        _worker: Worker[None] = self.run_worker(with_errors_shown, group=group, exclusive=True)

    def show_error(self, error: DbviewError) -> None:
        """Show what went wrong in words."""
        self.notify(visible(str(error)), severity="error", timeout=ERROR_SECONDS, markup=False)

    def _ask_to_copy(self, error: CopyTooLarge) -> None:
        """Ask, once on each screen, whether to copy more than allowed; if so, read the file again."""
        if self._asked_to_copy:
            return
        self._asked_to_copy = True
        from dbview.screens.ask import AskScreen

        def take(answer: str | None) -> None:
            if (answer or "").lower() in ("y", "yes"):
                self.source.allow_copy()
                self.call_later(self.run_action, "refresh")
            else:
                ViewerScreen.show_error(self, error)

        size = size_text(error.size)
        self.app.push_screen(AskScreen(f"it must be read from a private copy of {size}: copy it? y/N"), take)

    def leave_terminal(self) -> None:
        """Take back what the terminal was sent beside text: the program ends. Nothing here."""

    # The file's clock

    def _look(self) -> None:
        # What is under a question would all be drawn anew at each look.
        if self.app.screen is self:
            # At once: reading may wait for a private copy that is being made.
            self._tell_of_reading()
            self._tell_of_copy()
            self.start(self._look_at_clock, "clock")

    def _tell_of_reading(self) -> None:
        """Say how the file is read and when it was written, or for how long something has been waited for."""
        waiting = time.monotonic() - min(self._reading_since, default=math.inf)
        words = f" · waiting for {self.waits_for}: {waiting:.0f} s" if waiting > WAITING_SECONDS else None
        self._head.state = f"{self.source.access}{words or self._written_words}"

    def _tell_of_copy(self) -> None:
        reason = self.source.copied_because
        if reason and reason != self._copied_because:
            self.notify(copy_words(reason), severity="warning", timeout=ERROR_SECONDS, markup=False)
        self._copied_because = reason

    async def _look_at_clock(self) -> None:
        try:
            written_at, waiting = await self.read(lambda _reader: (self.source.written_at(), self.source.waiting()))
        except DbviewError:
            # Reading it says in full what is wrong.
            self._head.state = f"{self.source.access} · file not reachable"
            return
        self._written_words = f"{waiting_words(waiting)} · {written_words(written_at)}"
        self._tell_of_reading()
        if written_at != self._written_at:
            await self.on_written()
        self._written_at = written_at

    async def on_written(self) -> None:
        """Take note that the file was written since it was looked at last."""

    # Keys

    def action_back(self) -> None:
        """Go back to the screen before."""
        self.dismiss(None)

    def action_help(self) -> None:
        """Show the keys of this screen."""
        from dbview.screens.help import HelpScreen

        self.app.push_screen(HelpScreen(self))
