"""Nothing is left of a file that was being written when the program ended."""

from __future__ import annotations

import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.dbview.database import Database
from tests.terminal import DBVIEW, ENTER, Terminal

ROWS = 300_000
"""Enough that writing them takes seconds."""

PATIENCE = 60.0


@pytest.fixture
def many(database: Database) -> Path:
    """A table of many rows."""
    database.task("Peaks", {"n": "INTEGER", "note": "TEXT"}, [])
    database.execute(
        f"WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s LIMIT {ROWS}) "
        "INSERT INTO Peaks(n, note) SELECT n, 'note ' || n FROM s"
    )
    return database.path


@pytest.fixture
def there(tmp_path: Path) -> Path:
    """A directory apart from the data."""
    (tmp_path / "there").mkdir()
    return tmp_path / "there"


def wait_for_unfinished(directory: Path) -> None:
    """Wait until a file is being written."""
    give_up_at = time.monotonic() + PATIENCE
    while not any(file.stat().st_size for file in directory.glob(".*.partial")):
        assert time.monotonic() < give_up_at, "nothing is being written"
        time.sleep(0.005)


def test_a_command_that_is_ended_by_a_signal(many: Path, there: Path) -> None:
    command = [*DBVIEW, "query", many, "Peaks", f"--output={there / 'out.jsonl'}"]
    with subprocess.Popen([str(word) for word in command], stderr=subprocess.DEVNULL) as process:
        wait_for_unfinished(there)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == -signal.SIGTERM
    assert list(there.iterdir()) == []


@pytest.mark.parametrize("ending", ["q", signal.SIGTERM])
def test_the_interface_left_while_it_writes(many: Path, there: Path, ending: str | signal.Signals) -> None:
    with Terminal([*DBVIEW, "--no-state", many, "Peaks"]) as terminal:
        terminal.wait_for("300,000 entries")
        terminal.send("w")
        terminal.wait_for("write to which file")
        terminal.send(f"{there / 'out.jsonl'}{ENTER}")
        wait_for_unfinished(there)
        if isinstance(ending, str):
            terminal.send(ending)
        else:
            terminal.process.send_signal(ending)
        terminal.wait_for_exit()
    assert list(there.iterdir()) == []
