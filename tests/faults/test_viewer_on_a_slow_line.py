"""On a line of two kilobytes a second no key is lost, and what is outdated is not sent; over SSH less is drawn."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from tests.dbview.conftest import database
from tests.dbview.database import Database
from tests.terminal import DBVIEW, FRAME_BEGINS, Terminal

__all__ = ["database"]

PAGE_DOWN = "\x1b[6~"


@pytest.fixture
def long(database: Database) -> Path:
    database.task("Task", {"note": "TEXT"}, [])
    database.execute(
        "INSERT INTO Task(note, valid_flag) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
        "WHERE i < 400000) SELECT printf('%08x a note of some length, so that reading takes a while', i * i), 1 FROM n"
    )
    return database.path


def test_no_key_is_lost_on_a_slow_line_and_no_page_waits_in_a_queue(long: Path) -> None:
    command: list[str | Path] = [*DBVIEW, "--no-state", long, "Task"]
    with Terminal(command, columns=120, rows=40, bytes_a_second=2000) as terminal:
        terminal.wait_for("#400000")
        before, pages = len(terminal.raw), 60
        for _ in range(pages):
            terminal.send(PAGE_DOWN)
        terminal.send("j")
        while terminal.sent_within(3):
            pass
        (current,) = [line for line in terminal.text.splitlines() if line.startswith("▌")]
        key = int(re.findall(r"\d+", current)[0])
        rows, rest = divmod(400_000 - key - 1, pages)
        assert rows > 20, f"pages were lost: the cursor is on {key}"
        assert rest == 0, f"a key was lost: the cursor is on {key}"
        # Each page alone would take more than a kilobyte.
        assert len(terminal.raw) - before < 40_000


def test_over_ssh_progress_is_drawn_less_often(long: Path) -> None:
    command: list[str | Path] = [*DBVIEW, "--no-state", long, "Task"]
    variables = {"SSH_CONNECTION": "10.0.0.1 50000 10.0.0.2 22"}
    with Terminal(command, environment=variables) as terminal:
        terminal.wait_for("400,000 entries")
        terminal.sent_within(1)
        terminal.send('/note~"(f+ *a)+.*w.*z"\r')
        terminal.wait_for("scanned")
        began, before = time.monotonic(), terminal.raw.count(FRAME_BEGINS)
        terminal.wait_for(lambda text: "0 of" in text and "scanned" not in text)
        frames, seconds = terminal.raw.count(FRAME_BEGINS) - before, time.monotonic() - began
        assert frames <= seconds / 0.25 + 2
