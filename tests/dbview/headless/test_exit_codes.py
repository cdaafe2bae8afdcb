"""Every way to fail: one readable message, the documented exit code, and nothing created or changed."""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from dbview.cli import exit_codes

from .conftest import ENVIRONMENT, ROOT, answer, run_dbview, snapshot


def missing(directory: Path) -> Path:
    return directory / "nowhere.db"


def no_database_inside(directory: Path) -> Path:
    (directory / "run5.db").write_bytes(b"")
    return directory


def fifo(directory: Path) -> Path:
    os.mkfifo(directory / "pipe.db")
    return directory / "pipe.db"


def empty(directory: Path) -> Path:
    (directory / "empty.db").touch()
    return directory / "empty.db"


def text(directory: Path) -> Path:
    (directory / "notes.txt").write_text("no database\n" * 100)
    return directory / "notes.txt"


def truncated(directory: Path) -> Path:
    path = make_database(directory)
    path.write_bytes(path.read_bytes()[:1000])
    return path


def make_database(directory: Path) -> Path:
    path = directory / "lute.db"
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE Task(id INTEGER PRIMARY KEY, text TEXT)")
        connection.executemany("INSERT INTO Task(text) VALUES (?)", [("x" * 100,)] * 200)
    return path


@pytest.mark.parametrize(
    ("make", "code", "says"),
    [
        (missing, 3, "does not exist"),
        (no_database_inside, 3, "holds no lute.db. It holds run5.db"),
        (fifo, 5, "no regular file"),
        (empty, 5, "is empty"),
        (text, 5, "not an SQLite database"),
        (truncated, 5, "damaged|cut short"),
    ],
)
@pytest.mark.parametrize("command", ["tables", "query", "open"])
def test_a_path_that_cannot_be_opened(
    make: Callable[[Path], Path], code: int, says: str, command: str, tmp_path: Path
) -> None:
    path = make(tmp_path)
    before = snapshot(tmp_path)
    arguments = {"tables": ["tables", path], "query": ["query", path, "Task"], "open": [path]}[command]
    done = run_dbview(*arguments)
    assert (done.returncode, done.stdout) == (code, ""), done.stderr
    assert re.search(says, done.stderr)
    assert done.stderr.startswith("dbview: ")
    assert done.stderr.count("\n") == 1
    assert snapshot(tmp_path) == before


UNPRIVILEGED = """
import contextlib, os, sys
from dbview.cli import main
if os.geteuid() == 0:  # root may read anything
    # Whatever the command imports must be there before: the interpreter may lie where that user may not read.
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere):
        main(sys.argv[1:])
        main(["tables", "/nowhere"])
    os.setgid(65534)
    os.setuid(65534)
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize("closed", ["file", "directory"])
def test_a_file_or_directory_that_may_not_be_read(closed: str) -> None:
    # Not pytest's directory: those above it are closed to other users, which would be a reason of its own.
    with tempfile.TemporaryDirectory() as name:
        top = Path(name)
        directory = top / "data"
        directory.mkdir()
        path = make_database(directory)
        top.chmod(0o755)
        (path if closed == "file" else directory).chmod(0)
        done = subprocess.run(
            [sys.executable, "-c", UNPRIVILEGED, "tables", str(path)],
            env=ENVIRONMENT,
            capture_output=True,
            text=True,
            check=False,
        )
        directory.chmod(0o755)
    assert done.returncode == 4, done.stderr
    assert "may not be read" in done.stderr


def test_a_file_that_a_writer_holds_for_too_long(tmp_path: Path) -> None:
    path = make_database(tmp_path)
    with contextlib.closing(sqlite3.connect(path)) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        done = run_dbview("tables", path)
    assert (done.returncode, done.stdout) == (6, "")
    assert "locked" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["query", "{}", "FindPeeks"], 8, "no table FindPeeks. Did you mean FindPeaks?"),
        (["query", "{}", "FindPeaks", "--columns", "id,sonmin"], 8, "--columns sonmin: .*did you mean son_min"),
        (["query", "{}", "FindPeaks", "--sort", "-nothing"], 8, "--sort nothing"),
        (["query", "{}", "FindPeaks", "--columns", "id,"], 2, "a column's name is missing"),
        (["query", "{}", "FindPeaks", "--columns", "id,id"], 2, "names id twice"),
        (["query", "{}", "FindPeaks", "--limit", "-1"], 2, "invalid number value"),
        (["query", "{}", "FindPeaks", "--format", "xml"], 2, "invalid choice"),
        (["query", "{}", "FindPeaks", "--format", "csv", "--exact"], 2, "--exact goes with"),
        (["query", "{}", "FindPeaks", "-status:x"], 2, "goes after --"),
        (["query", "{}"], 2, "TABLE"),
        (["show", "{}", "FindPeaks", "77"], 8, "no entry 77"),
        (["show", "{}", "FindPeaks", "9" * 30], 8, "no entry 999"),
        (["show", "{}", "FindPeaks", "five"], 2, "invalid int value"),
        (["{}", "FindPeeks"], 8, "no table FindPeeks"),
        (["{}", "FindPeaks", "--id", "77"], 8, "no entry 77"),
        (["{}", "--id", "5"], 2, "--id needs a table"),
        (["{}", "FindPeaks", "run=("], 2, "the filter cannot be understood"),
        (["-p", "{}", "FindPeaks", "run=("], 2, "the filter cannot be understood"),
        (["{}", "FindPeaks", "run=12"], 2, "needs a terminal"),
        (["--live"], 2, "--live goes with --demo"),
        (["--demo", "{}"], 2, "leave PATH out"),
        (["{}", "--nonsense"], 2, "unrecognized arguments"),
    ],
)
def test_a_command_line_that_asks_for_what_is_not_there(
    arguments: list[str], code: int, says: str, recorded: Path
) -> None:
    got = answer(*(argument.replace("{}", str(recorded)) for argument in arguments))
    assert (got.code, got.out) == (code, ""), got.err
    assert re.search(says, got.err)


def test_a_filter_error_points_at_the_place(recorded: Path) -> None:
    got = answer("query", recorded, "FindPeaks", "run=12 and µ\x1b=(x")
    assert got.code == 2
    message, shown, mark = got.err.splitlines()
    assert message.startswith("dbview: the filter cannot be understood: ")
    assert shown == "  run=12 and µ␛=(x"
    assert mark.index("^") == shown.index("(")


def test_a_damaged_page_ends_the_output_and_says_so(large: Path) -> None:
    content = bytearray(large.read_bytes())
    content[2_000_000 : 2_000_000 + 8192] = bytes(8192)
    large.write_bytes(content)
    got = answer("query", large, "numbers", "--format", "jsonl")
    assert got.code == 5
    assert "damaged" in got.err
    assert 0 < got.out.count("\n") < 30_000


def test_without_a_path_this_directory_is_meant(recorded: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    assert run_dbview("tables", directory=recorded.parent).returncode == 0
    assert "needs a terminal" in run_dbview(directory=recorded.parent).stderr
    assert run_dbview(directory=elsewhere).returncode == 3


def test_the_name_of_a_command_wins_over_a_file_of_that_name(recorded: Path) -> None:
    recorded.rename(recorded.with_name("tables"))
    assert run_dbview("tables", directory=recorded.parent).returncode == 3
    assert "needs a terminal" in run_dbview("./tables", directory=recorded.parent).stderr


def test_version_and_help_are_data() -> None:
    assert re.fullmatch(r"dbview \d+\.\d+\.\d+\S*\n", answer("--version").out)
    for command in ([], ["tables"], ["query"], ["show"]):
        got = answer(*command, "--help")
        assert (got.code, got.err) == (0, "")
        assert "usage: dbview" in got.out


def test_the_documented_exit_codes_are_the_real_ones() -> None:
    page = (ROOT / "docs" / "headless.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| (.+?) \|$", page, re.MULTILINE)
    assert {int(code): meaning for code, meaning in rows} == exit_codes()
    shown = answer("--help").out
    assert all(f"  {code:<4} {meaning}" in shown for code, meaning in exit_codes().items())
