"""Run a program in a pseudo terminal and read its screen as a person would."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType

import pyte

DBVIEW = (sys.executable, "-m", "dbview")
"""The viewer, run by the interpreter of the tests."""

FRAME_BEGINS, FRAME_ENDS = b"\x1b[?2026h", b"\x1b[?2026l"
"""What a program writes around what it wants to be seen at once, where the terminal can do that."""
CAN_IT_SHOW_FRAMES, IT_CAN = b"\x1b[?2026$p", b"\x1b[?2026;2$y"

PATIENCE = 120.0
"""Seconds in which a program answers on any machine; only one that hangs takes longer."""

APPLICATION_STRING = re.compile(rb"\x1b_.*?\x1b\\", re.DOTALL)
"""What a terminal takes without showing it, such as an image; the emulator does not know that."""

ENTER, ESCAPE, INTERRUPT = "\r", "\x1b", "\x03"

_OUTER = ("COLORTERM", "COLUMNS", "LINES", "NO_COLOR", "SSH_CONNECTION", "SSH_TTY", "STY", "TERM_PROGRAM", "TMUX")
"""Variables that tell programs of the terminal that the tests were started from."""


class Terminal:
    """A program in a terminal of its own, until the ``with`` block ends.

    Args:
        command: The program and its arguments.
        environment: Variables that differ from those of this process; None takes one away.
        bytes_a_second: How fast the line is between them; None for as fast as can be.

    Attributes:
        raw: Every byte the program has written to the terminal so far.
    """

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        columns: int = 100,
        rows: int = 30,
        environment: Mapping[str, str | None] | None = None,
        directory: Path | None = None,
        bytes_a_second: int | None = None,
    ) -> None:
        self._bytes_a_second = bytes_a_second
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._unfinished = b""
        self.raw = bytearray()
        # What the tests were started from is not looked at.
        changes = {"TERM": "xterm-256color", "LC_ALL": "C.UTF-8", **dict.fromkeys(_OUTER), **(environment or {})}
        variables = {name: value for name, value in {**os.environ, **changes}.items() if value is not None}
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.process = subprocess.Popen(
            [str(word) for word in command],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=variables,
            cwd=directory,
            preexec_fn=_own_terminal,
        )
        os.close(slave)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self._master)

    @property
    def text(self) -> str:
        """The screen as it is now, a line a row."""
        return "\n".join(line.rstrip() for line in self._screen.display)

    def cells(self) -> list[list[tuple[str, str]]]:
        """Return what stands in each cell of each row, with the marks on it, and in which colour: ``ff8000``."""
        rows, columns = self._screen.lines, self._screen.columns
        found = [[self._screen.buffer[row][column] for column in range(columns)] for row in range(rows)]
        return [[(cell.data, cell.fg) for cell in row] for row in found]

    def colour_of(self, word: str) -> str:
        """Return the colour of the first place where a word stands; empty if it is nowhere."""
        for row, line in enumerate(self._screen.display):
            if word in line:
                return str(self._screen.buffer[row][line.index(word) + len(word.rstrip()) - 1].fg)
        return ""

    def unreadable(self) -> list[str]:
        """Return the characters on the screen that have the colour of their ground."""
        lines, columns = self._screen.lines, self._screen.columns
        cells = [self._screen.buffer[line][column] for line in range(lines) for column in range(columns)]
        written = [cell for cell in cells if cell.data.strip()]
        return [cell.data for cell in written if cell.fg == cell.bg != "default"]

    def modes(self) -> list[object]:
        """Return the terminal's line settings, such as echo, as the program has left them."""
        return termios.tcgetattr(self._master)[:4]

    def send(self, keys: str) -> None:
        """Type keys."""
        os.write(self._master, keys.encode())

    def wait_for(self, wanted: str | Callable[[str], object], timeout: float = PATIENCE) -> str:
        """Return the screen's text as soon as it contains, or satisfies, what is wanted; never of a half drawn frame.

        Raises:
            AssertionError: It did not in time, or the program ended before; the message shows the screen.
        """
        satisfied = (lambda text: wanted in text) if isinstance(wanted, str) else wanted
        deadline = time.monotonic() + timeout
        while self._is_drawing or not satisfied(self.text):
            if not self._read(deadline):
                end = "the program ended" if self.process.poll() is not None else f"not within {timeout} s"
                raise AssertionError(f"{wanted!r} never came onto the screen ({end}):\n{self.text}")
        return self.text

    def sent_within(self, seconds: float) -> int:
        """Return how many bytes the program writes in so many seconds."""
        before, deadline = len(self.raw), time.monotonic() + seconds
        while self._read(deadline):
            pass
        return len(self.raw) - before

    def wait_for_exit(self, timeout: float = PATIENCE) -> int:
        """Return the program's exit code, after everything it wrote has been read; negative for a signal."""
        deadline = time.monotonic() + timeout
        while self._read(deadline):
            pass
        return self.process.wait(max(0.1, deadline - time.monotonic()))

    def restored(self) -> bool:
        """Tell whether the program, having ended, left the alternate screen and showed the cursor again."""
        switches = ((b"\x1b[?1049h", b"\x1b[?1049l"), (b"\x1b[?25l", b"\x1b[?25h"))
        return all(self.raw.rfind(taken) < self.raw.rfind(given_back) for taken, given_back in switches)

    def kill(self) -> None:
        """End the program the hard way, as ``kill -9`` does."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def _read(self, deadline: float) -> bool:
        """Wait for output and draw it; False if there is none until the deadline, or the program has ended."""
        ready, _, _ = select.select([self._master], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            return False
        try:
            if self._bytes_a_second is not None:
                time.sleep(0.1)
            data = os.read(self._master, self._bytes_a_second // 10 if self._bytes_a_second else 65536)
        except OSError:  # how Linux reports that the other end of a terminal is closed
            return False
        self.raw += data
        self._feed(data)
        if CAN_IT_SHOW_FRAMES in data:
            os.write(self._master, IT_CAN)
        return bool(data)

    def _feed(self, data: bytes) -> None:
        """Draw what is to be seen; of a string that has not ended yet nothing is."""
        seen = APPLICATION_STRING.sub(b"", self._unfinished + data)
        begun = seen.find(b"\x1b_")
        end = begun if begun >= 0 else len(seen) - seen.endswith(b"\x1b")
        self._unfinished = seen[end:]
        self._stream.feed(seen[:end])

    @property
    def _is_drawing(self) -> bool:
        return self.raw.rfind(FRAME_BEGINS) > self.raw.rfind(FRAME_ENDS)


def _own_terminal() -> None:
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
