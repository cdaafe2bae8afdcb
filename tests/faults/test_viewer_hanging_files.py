"""A file system that does not answer: the entry is shown, the other files are found, and leaving waits for nothing."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.dbview.database import Database
from tests.terminal import ESCAPE, Terminal

HANGING = """
import os, sys, threading
stat = os.stat
def hang(path, *arguments, **options):
    if "/hangs/" in str(path):
        threading.Event().wait()
    return stat(path, *arguments, **options)
os.stat = hang
from dbview.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize("count", [2, 40])
def test_a_file_system_that_hangs_holds_up_neither_reading_nor_leaving(tmp_path: Path, count: int) -> None:
    database = Database(tmp_path / "lute.db")
    (tmp_path / "here.h5").touch()
    paths = {f"in_{number}": f"/hangs/{number}/a.h5" for number in range(count)} | {"in_file": f"{tmp_path}/here.h5"}
    database.task("Index", dict.fromkeys(paths, "TEXT"), [paths])
    database.connection.close()
    with Terminal([sys.executable, "-c", HANGING, database.path, "Index", "--id", "1"]) as terminal:
        terminal.wait_for(f"1 here · {count} no answer")
        terminal.send(ESCAPE)
        terminal.wait_for("1 entry")
        terminal.send("q")
        assert terminal.wait_for_exit() == 0
        assert terminal.restored()
