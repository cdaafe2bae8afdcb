"""A slow terminal is shown the newest; what is outdated is never sent."""

from __future__ import annotations

import os
import pty
import select
import time
from collections.abc import Iterator

import pytest

from dbview.terminal.canvas import Canvas
from dbview.terminal.sender import Sender

PATIENCE = 60.0


class Line:
    """The far end of a terminal, which reads only when told to."""

    def __init__(self) -> None:
        self.master, self.slave = pty.openpty()
        self.canvas = Canvas()
        self.sender = Sender(self.slave, self.canvas, "utf-8")
        self.read = b""

    def show(self, words: str) -> None:
        self.sender.write(f"\x1b[1;1H{words}", 80, 24)

    def until(self, words: bytes) -> bytes:
        """Read until these words came, and return all that was read since the last call."""
        start, deadline = len(self.read), time.monotonic() + PATIENCE
        while words not in self.read[start:]:
            assert select.select([self.master], [], [], max(0, deadline - time.monotonic()))[0], self.read[start:]
            self.read += os.read(self.master, 65536)
        return self.read[start:]

    def hang_up(self) -> None:
        if self.master >= 0:
            os.close(self.master)
        self.master = -1


@pytest.fixture
def line() -> Iterator[Line]:
    made = Line()
    made.sender.start()
    yield made
    made.sender.close()
    made.hang_up()
    os.close(made.slave)


def test_frames_that_a_slow_line_cannot_take_are_never_sent(line: Line) -> None:
    for number in range(3000):
        line.show(f"\x1b[38;2;{number % 256};{number // 256};1m{'this is frame ' * 5}{number:6}")
    came = line.until(b"  2999")
    assert len(came) < 100_000  # all frames are ten times as much


def test_at_a_pace_only_the_newest_is_shown_and_a_key_does_not_wait(line: Line) -> None:
    line.sender.pace = PATIENCE
    line.show("first")
    line.until(b"first")
    began = time.monotonic()
    for number in range(50):
        line.show(f"number {number:3}")
    line.sender.hurry()
    came = line.until(b" 49")
    assert time.monotonic() - began < PATIENCE / 2
    assert came.count(b"number") == 1


def test_commands_are_sent_as_they_are_and_nothing_is_drawn_once_it_ends(line: Line) -> None:
    line.show("seen")
    line.until(b"seen")
    line.sender.finish()
    line.show("too late")
    line.sender.write("\x1b[?1049l", 80, 24)
    assert b"late" not in line.until(b"\x1b[?1049l")


def test_what_something_else_has_written_over_is_drawn_anew(line: Line) -> None:
    line.show("mine")
    line.until(b"mine")
    line.sender.redraw()
    line.until(b"mine")


def test_a_terminal_that_is_gone_ends_the_sender_alone(line: Line) -> None:
    line.show("seen")
    line.until(b"seen")
    line.hang_up()
    line.show("nobody sees this")
    line.sender.join(PATIENCE)
    assert not line.sender.is_alive()
