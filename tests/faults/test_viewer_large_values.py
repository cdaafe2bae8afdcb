"""A value of nearly a gigabyte, the longest that SQLite stores: it is looked at without being loaded."""

from __future__ import annotations

import contextlib
import re
import sqlite3
from pathlib import Path

from tests.terminal import DBVIEW, ENTER, ESCAPE, Terminal

LENGTH = 10**9 - 1_000
MOST_MEMORY = 150 * 2**20


def peak_memory(terminal: Terminal) -> int:
    """Return the most bytes that the program has held in memory so far."""
    status = Path(f"/proc/{terminal.process.pid}/status").read_text()
    (kibibytes,) = re.findall(r"VmHWM:\s+(\d+) kB", status)
    return int(kibibytes) * 1024


def test_the_table_the_entry_and_a_filter_do_not_load_it(tmp_path: Path) -> None:
    path = tmp_path / "large.db"
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("PRAGMA journal_mode=OFF")
        writer.execute("CREATE TABLE large(id INTEGER PRIMARY KEY, value, beside)")
        writer.execute("INSERT INTO large VALUES (1, zeroblob(?), 'wanted')", (LENGTH,))
        writer.execute("INSERT INTO large VALUES (2, NULL, 'other')")
    with Terminal([*DBVIEW, path, "large"]) as terminal:
        terminal.wait_for(lambda text: "2 rows" in text and "954 MiB" in text)
        terminal.send("G")
        terminal.wait_for("▌  1")
        terminal.send(ENTER)
        terminal.wait_for(lambda text: "› #1" in text and "954 MiB" in text)
        terminal.send(ESCAPE)
        terminal.wait_for(lambda text: "› #1" not in text)
        terminal.send(f"/beside=wanted{ENTER}")
        terminal.wait_for(lambda text: "1 of 2" in text and "954 MiB" in text)
        assert peak_memory(terminal) < MOST_MEMORY
        terminal.send("s")
        terminal.wait_for("by ")
        terminal.send("q")
        assert terminal.wait_for_exit() == 0
