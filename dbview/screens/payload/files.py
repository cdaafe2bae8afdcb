"""Show the files of a directory, or those that a pattern stands for."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from dbview.errors import DbviewError, PayloadUnreadable
from dbview.payload.directory import Files, files_at
from dbview.payload.files import FileState, Presence, age_text
from dbview.payload.looking import PATIENCE, apart
from dbview.payload.opening import target_of_path
from dbview.screens.base import ViewerScreen
from dbview.source.scheduler import Scheduler
from dbview.source.source import Source
from dbview.text import size_text, visible
from dbview.widgets.drawing import pad
from dbview.widgets.listing import Line, Listing

_WIDEST_NAME = 48
_WIDEST_KIND = 9
_WIDEST_SIZE = 8


def open_file_of(screen: ViewerScreen, state: FileState | None, *places: str) -> None:
    """Open what is known to be here: a file on the screen of payloads, a directory or a pattern as a list of files.

    Args:
        screen: The one below.
        state: What is known of it; None while nothing is.
        places: Names from the table down to what it is opened from.
    """
    if state is None:
        screen.notify("This is still being looked for.", markup=False)
    elif state.presence is not Presence.HERE or state.place is None:
        screen.notify(f"{visible(state.path)}: {state.words()}.", markup=False)
    elif state.size is not None:
        from dbview.screens.payload.screen import PayloadScreen

        target = target_of_path(state.place, screen.source.path)
        screen.app.push_screen(PayloadScreen(screen.source, screen.scheduler, target, *places))
    elif state.count is not None or state.kind == "directory":
        screen.app.push_screen(FilesScreen(screen.source, screen.scheduler, state.place, *places))
    else:
        screen.notify(f"{visible(state.path)} is a {state.kind}: only regular files are opened.", markup=False)


class FilesScreen(ViewerScreen):
    """A list of files.

    Args:
        source: What is looked at.
        scheduler: Runs what may take time.
        place: Absolute path of the directory, or the pattern.
        places: Names from the table down to it.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "move(1)", "down", id="move.down", show=False, tooltip="One line down."),
        Binding("k", "move(-1)", "up", id="move.up", show=False, tooltip="One line up."),
        Binding("r", "refresh", "read again", id="app.refresh", tooltip="Look at the files as they are now."),
    ]

    def __init__(self, source: Source, scheduler: Scheduler, place: str, *places: str) -> None:
        name = os.path.basename(place.rstrip("/")) or place  # noqa: PTH119
        super().__init__(source, scheduler, *places, name)
        self._places = (*places, name)
        self._place = place
        self._states: Sequence[FileState] = ()
        # A long path goes on below: its end matters, and what stands behind it.
        self._list = Listing(has_cursor=True, wraps=True)

    def compose_body(self) -> ComposeResult:
        """Lay out the list."""
        yield self._list

    def on_mount(self) -> None:
        """Read the directory."""
        self.set_focus(self._list)
        self._list.show_lines([Line(((" reading …", "dim"),))])
        self.start(self._read, "files")

    async def _read(self) -> None:
        try:
            files = await asyncio.wait_for(asyncio.wrap_future(apart(lambda: files_at(self._place))), PATIENCE)
        except TimeoutError as error:
            raise PayloadUnreadable(
                f"{visible(self._place)}: no answer within {PATIENCE:g} s. r tries again."
            ) from error
        self._show(files)

    def _show(self, files: Files) -> None:
        self._states, now = files.states, time.time()
        count = len(files.states)
        amount = f"{'the first ' if files.has_more else ''}{count:,} {'entry' if count == 1 else 'entries'}"
        head = [Line(((f" {visible(self._place)}", "heading"), (f"   {amount}", "dim"))), Line()]
        names = [visible(os.path.basename(state.path)) for state in files.states]  # noqa: PTH119
        width = min(max(map(len, names), default=0), _WIDEST_NAME)
        lines = [
            _line(number, name, state, width, now)
            for number, (name, state) in enumerate(zip(names, files.states, strict=True))
        ]
        self._list.show_lines([*head, *(lines or [Line((("   it is empty", "dim"),))])])

    def show_error(self, error: DbviewError) -> None:
        """Say in the place of the files why they are not there."""
        self._list.show_lines([Line(), Line(((f" {visible(str(error))}", "error"),))])

    # Keys

    @on(Listing.Selected)
    def _open(self, message: Listing.Selected) -> None:
        open_file_of(self, self._states[int(message.key)], *self._places)

    def action_move(self, lines: int) -> None:
        """Move the cursor."""
        self._list.action_move(lines)

    def action_refresh(self) -> None:
        """Read the directory again."""
        self.start(self._read, "files")


def _line(number: int, name: str, state: FileState, width: int, now: float) -> Line:
    is_directory = state.kind == "directory"
    size = "" if state.size is None else size_text(state.size)
    age = visible(state.reason) if state.modified is None else f"{age_text(now - state.modified)} old"
    return Line(
        (
            (f"   {pad(f'{name}/' if is_directory else name, width + 1)}", "name" if is_directory else ""),
            (f"  {pad(state.kind, _WIDEST_KIND)}", "dim"),
            (f"  {pad(size, _WIDEST_SIZE, right=True)}", ""),
            (f"  {age}", "dim"),
        ),
        key=str(number),
    )
