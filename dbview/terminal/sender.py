"""Send to a terminal what changed, as fast as it takes that: what is outdated before it could be sent never is."""

from __future__ import annotations

import os
import select
import threading

from dbview.terminal.canvas import Canvas, is_frame

_PIECE = 2048
"""Characters sent at once, about: on a slow line nothing later can overtake them."""

_END_SECONDS = 10.0
"""How long the last words may take to a terminal that takes nothing; leaving does not wait longer."""

FRAME_BEGINS, FRAME_ENDS = "\x1b[?2026h", "\x1b[?2026l"
"""Stand around what a terminal that can do so shows at once."""


class Sender(threading.Thread):
    """Keeps a terminal like a canvas, from a thread of its own.

    Args:
        terminal: File descriptor of the terminal.
        canvas: What is to be seen there; from now on the sender's alone.
        encoding: Of the terminal.

    Attributes:
        pace: Seconds from one frame to the next; whoever types does not wait.
    """

    def __init__(self, terminal: int, canvas: Canvas, encoding: str) -> None:
        super().__init__(name="terminal", daemon=True)
        self.pace = 0.0
        self._terminal = terminal
        self._canvas = canvas
        self._encoding = encoding
        self._turn = threading.Condition()
        self._commands: list[str] = []
        self._is_typed = False
        self._is_drawing = True
        self._is_ending = False
        self._has_frames = False

    def write(self, data: str, columns: int, rows: int) -> None:
        """Have a frame shown, in full or as far as no later one takes its place, or a command sent as it is.

        Args:
            data: What Textual writes at once.
            columns: Cells of a line of the terminal now; after a change nobody knows what it shows.
            rows: Lines of the terminal.
        """
        with self._turn:
            self._canvas.resize(columns, rows)
            if data in (FRAME_BEGINS, FRAME_ENDS):
                self._has_frames = True
            elif is_frame(data):
                self._canvas.draw(data)
            else:
                self._commands.append(data)
            self._turn.notify()

    def hurry(self) -> None:
        """Take note that somebody typed: what comes of it is shown at once."""
        with self._turn:
            self._is_typed = True
            self._turn.notify()

    def redraw(self) -> None:
        """Send all that is to be seen, whatever the terminal is thought to show."""
        with self._turn:
            self._canvas.forget()
            self._turn.notify()

    def finish(self) -> None:
        """Send commands only from now on: the terminal is about to be given back."""
        with self._turn:
            self._is_drawing = False

    def close(self) -> None:
        """Send the commands that are left, and end."""
        with self._turn:
            self._is_ending = True
            self._turn.notify()
        self.join(_END_SECONDS)

    # On its own thread

    def run(self) -> None:
        """Send until closed, or until the terminal is gone; that is told to the program by a signal."""
        try:
            while self._send_commands():
                if self._send_frame():
                    self._rest()
        except OSError:
            self._is_drawing = False

    def _send_commands(self) -> bool:
        """Wait until there is something to do, and send commands; False at the end."""
        with self._turn:
            self._turn.wait_for(lambda: self._commands or self._has_news or self._is_ending)
            commands, self._commands = self._commands, []
            is_last = self._is_ending
        self._write("".join(commands))
        return not is_last

    @property
    def _has_news(self) -> bool:
        return self._is_drawing and self._canvas.is_touched

    def _send_frame(self) -> bool:
        """Send what differs on the lines drawn since the last frame; False if nothing does."""
        with self._turn:
            self._is_typed = False
            lines = self._canvas.take_touched() if self._is_drawing else []
        begin, piece, is_sent = FRAME_BEGINS if self._has_frames else "", "", False
        for line in lines:
            with self._turn:
                piece += self._canvas.changes(line) if self._is_drawing else ""
            if len(piece) > _PIECE:
                self._write(begin + piece)
                begin, piece, is_sent = "", "", True
        if not piece and not is_sent:
            return False
        with self._turn:
            piece += self._canvas.end()
        self._write(begin + piece + (FRAME_ENDS if self._has_frames else ""))
        return True

    def _rest(self) -> None:
        if self.pace:
            with self._turn:
                self._turn.wait_for(lambda: self._is_typed or self._commands or self._is_ending, self.pace)

    def _write(self, text: str) -> None:
        left = memoryview(text.encode(self._encoding, "replace"))
        while left:
            try:
                left = left[os.write(self._terminal, left) :]
            except BlockingIOError:
                # Somebody made the terminal one that does not wait, for all that use it.
                select.select([], [self._terminal], [])
