"""Drive the terminal for Textual: it says what is to be seen, and what differs from what is seen is sent."""

from __future__ import annotations

import os
import shutil
from typing import Any

from textual import events
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from dbview.terminal.canvas import Canvas
from dbview.terminal.characters import encoding_of, fitting
from dbview.terminal.sender import Sender

_OUTPUT = 1
"""Standard output, which the command line has found to be a terminal; standard error may go into a file."""


class TerminalDriver(LinuxDriver):
    """Textual's own driver, but for what is written to the terminal.

    Textual writes whole widgets, each piece with all of its style, and waits where the line is slow.
    """

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._encoding = encoding_of(os.environ)
        self._canvas = Canvas(fitting(self._encoding, os.environ.get("TERM", "")))
        self._sender: Sender | None = None
        self._pace = 0.0

    def take_time(self, pace: float) -> None:
        """Let so many seconds pass between frames that nobody's key brought about."""
        self._pace = pace
        if self._sender is not None:
            self._sender.pace = pace

    def redraw(self) -> None:
        """Draw all anew: something else has written to the terminal."""
        if self._sender is not None:
            self._sender.redraw()

    def write(self, data: str) -> None:
        """Have a frame shown, or a command sent."""
        if self._sender is not None:
            # As Textual asks for it, so that both agree.
            self._sender.write(data, *shutil.get_terminal_size())

    def process_message(self, message: Message) -> None:
        """Hand on what was typed; this is called on the thread that reads keys."""
        if isinstance(message, events.Key) and self._sender is not None:
            self._sender.hurry()
        super().process_message(message)

    def start_application_mode(self) -> None:
        """Take the terminal, for the first time or again; nobody knows what it shows."""
        self._canvas.forget()
        self._sender = Sender(_OUTPUT, self._canvas, self._encoding)
        self._sender.pace = self._pace
        self._sender.start()
        super().start_application_mode()  # type: ignore[no-untyped-call]

    def stop_application_mode(self) -> None:
        """Give the terminal back as it was."""
        if self._sender is not None:
            self._sender.finish()
        super().stop_application_mode()

    def close(self) -> None:
        """Wait until the last commands are sent."""
        if self._sender is not None:
            self._sender.close()
        super().close()
