"""How much reaches the terminal: little for what changes little, nothing while nothing happens."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.dbview.database import Database
from tests.terminal import DBVIEW, Terminal

COLUMNS, ROWS = 160, 45

A_STEP = 2000
"""Bytes that a step of the cursor may take, where colours are told at the greatest length."""

A_LINE = 1500
"""Bytes for a few lines that change: what was typed, and what is suggested for it, or a question."""

A_SCREEN = COLUMNS * ROWS * 5 // 4
"""Bytes of a screen: one for each cell, and a quarter more for colours and characters beyond ASCII."""

AT_PEACE = 16
"""Bytes in five seconds; it is 200 a minute."""

DOWN, UP, RIGHT, LEFT, PAGE_DOWN, ESCAPE = "\x1b[B", "\x1b[A", "\x1b[C", "\x1b[D", "\x1b[6~", "\x1b"


@pytest.fixture
def wide(database: Database) -> Path:
    """A table of more columns than a screen has room for, every cell of which differs from those around it."""
    names = {f"parameter_{number}": "REAL" for number in range(40)}
    statuses = ("COMPLETED", "FAILED", "TIMEDOUT", "COMPLETED", "CANCELLED")
    database.execute(
        "INSERT INTO gen_cfg(title, experiment, run) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
        "WHERE i < 20) SELECT 'title', 'mfx100', i FROM n"
    )
    database.task(
        "Task",
        names,
        [
            {
                "gen_cfg_id": 1 + row // 15,
                "result.task_status": statuses[row % 5],
                "valid_flag": int(row % 5 in (0, 3)),
                "result.summary": f"hits: {row * 7};rate: {row / 300:.3f}",
                **{name: (row * 37 + place * 11) % 1000 / 8 if row % 7 else None for place, name in enumerate(names)},
            }
            for row in range(300)
        ],
    )
    return database.path


@contextlib.contextmanager
def shown(path: Path, *arguments: str, until: str) -> Iterator[Terminal]:
    """Open the viewer where every cell is told its colour in full, and wait until it has come to rest."""
    # That it was written a minute ago is not said while bytes are counted.
    long_ago = time.time() - 3 * 86400
    os.utime(path, (long_ago, long_ago))
    command: list[str | Path] = [*DBVIEW, "--no-state", path, *arguments]
    with Terminal(command, columns=COLUMNS, rows=ROWS, environment={"COLORTERM": "truecolor"}) as terminal:
        terminal.wait_for(until)
        assert any(terminal.sent_within(0.6) <= AT_PEACE for _ in range(50)), "it never came to rest"
        yield terminal


def sent_for(terminal: Terminal, keys: str, wanted: str | Callable[[str], object]) -> int:
    """Type keys, and return the bytes that came until the screen is as wanted, with any that were late before."""
    before = len(terminal.raw)
    terminal.send(keys)
    terminal.wait_for(wanted)
    return len(terminal.raw) - before


def sent_after(terminal: Terminal, keys: str) -> int:
    """Type keys, and return the bytes that came until there were some and then no more."""
    before = len(terminal.raw)
    count = sent_for(terminal, keys, lambda text: len(terminal.raw) > before)
    while more := terminal.sent_within(0.1):
        count += more
    return count


def test_a_table_sends_what_changed_and_nothing_while_nothing_happens(wide: Path) -> None:
    with shown(wide, "Task", until="hidden") as terminal:
        # Longer than from one look at the file to the next; what a busy machine does late is not meant.
        assert any(terminal.sent_within(1.2) <= AT_PEACE for _ in range(20))
        for row in range(299, 295, -1):
            assert sent_for(terminal, DOWN, f"#{row} ") <= A_STEP
        for key in (RIGHT, LEFT):
            assert sent_after(terminal, key) <= A_STEP
        for _ in range(2):
            assert sent_after(terminal, PAGE_DOWN) <= A_SCREEN
        assert sent_for(terminal, "/", "apply") <= A_LINE
        assert sent_for(terminal, "h", "/ h") <= A_LINE
        assert sent_for(terminal, "i", "/ hi") <= A_LINE
        assert sent_for(terminal, "\x15", "/ filter, as in") <= A_LINE
        assert sent_for(terminal, ESCAPE, "q quit") <= A_LINE
        assert sent_for(terminal, "g", "or to row") <= A_LINE
        assert sent_for(terminal, ESCAPE, "q quit") <= A_LINE


def test_a_step_in_the_overview_sends_what_changed(wide: Path) -> None:
    with shown(wide, until="valid, of") as terminal:
        for key in (RIGHT, RIGHT, LEFT):
            assert sent_after(terminal, key) <= A_STEP


def test_an_entry_and_its_help_send_what_changed(wide: Path) -> None:
    with shown(wide, "Task", "--id", "200", until="parameter_12") as terminal:
        for key in (DOWN, UP):
            assert sent_after(terminal, key) <= A_STEP
        assert sent_after(terminal, PAGE_DOWN) <= A_SCREEN
        assert sent_for(terminal, "?", "Esc back") <= A_SCREEN
