"""Standard output is data, and whoever reads it may leave at any time."""

from __future__ import annotations

import contextlib
import json
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.terminal import Terminal

from .conftest import DBVIEW, ENVIRONMENT, run_dbview


def start(*arguments: object) -> subprocess.Popen[str]:
    command = [*DBVIEW, *map(str, arguments)]
    return subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("form", ["json", "jsonl", "csv"])
def test_a_reader_that_leaves_ends_the_command_in_silence(form: str, large: Path) -> None:
    with start("query", large, "numbers", "--format", form) as process:
        assert process.stdout
        assert process.stderr
        assert process.stdout.readline()
        process.stdout.close()
        assert (process.stderr.read(), process.wait()) == ("", 141)


def test_a_reader_that_never_reads_is_no_error_either(recorded: Path) -> None:
    with start("tables", recorded) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert "Traceback" not in (words := process.stderr.read())
        assert "Exception ignored" not in words
        assert process.wait() == 141


def test_ctrl_c_ends_the_command_in_silence(large: Path) -> None:
    with start("query", large, "numbers", "--format", "jsonl") as process:
        assert process.stdout
        assert process.stderr
        assert process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert (process.stderr.read(), process.wait()) == ("", 130)


INTERRUPTED_IN_SQLITE = """
import os, signal, sqlite3, sys
class Connection(sqlite3.Connection):
    def set_authorizer(self, authorize):
        def interrupted(*arguments):
            os.kill(os.getpid(), signal.SIGINT)
            return authorize(*arguments)
        super().set_authorizer(interrupted)
connect = sqlite3.connect
sqlite3.connect = lambda *arguments, **options: connect(*arguments, **options, factory=Connection)
from dbview.cli import main
sys.exit(main(sys.argv[1:]))
"""


def test_ctrl_c_while_sqlite_asks_back_ends_the_command_in_silence(recorded: Path) -> None:
    command = [sys.executable, "-c", INTERRUPTED_IN_SQLITE, "query", recorded, "FindPeaks"]
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 130)


def test_a_full_disk_is_told(recorded: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = run_dbview("query", recorded, "FindPeaks", stdout=full, stderr=subprocess.PIPE, capture_output=False)
    assert done.returncode == 1
    assert "No space left" in done.stderr


def test_a_closed_output_is_told(recorded: Path) -> None:
    shell = ["sh", "-c", 'exec "$@" >&-', "sh", *DBVIEW, "tables", str(recorded)]
    done = subprocess.run(shell, env=ENVIRONMENT, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == "dbview: standard output is closed, so there is nowhere to write to.\n"


def test_a_commit_meanwhile_is_told(large: Path) -> None:
    with start("query", large, "numbers", "--format", "jsonl") as process:
        assert process.stdout
        assert process.stderr
        first = json.loads(process.stdout.readline())
        with contextlib.closing(sqlite3.connect(large, timeout=120)) as writer, writer:
            writer.execute("INSERT INTO numbers VALUES (99999, 'new')")
        rest = process.stdout.read().splitlines()
        assert "was written to meanwhile" in process.stderr.read()
        assert process.wait() == 0, "a file that production writes to is no error"
    assert first["id"] == 29_999
    assert len(rest) == 29_999


def test_text_reaches_a_file_as_it_is_and_a_terminal_made_visible(recorded: Path, tmp_path: Path) -> None:
    command = ["query", recorded, "FindPeaks", "status=TIMEDOUT", "--columns", "cell.name", "--format", "csv"]
    assert run_dbview(*command).stdout == "cell.name\nlyso \x1b]0;x\x07\n"
    with Terminal([*DBVIEW, *command]) as terminal:
        terminal.wait_for("lyso ␛]0;x␇")
        assert b"\x1b]0;x" not in terminal.raw


def test_a_terminal_gets_the_columns_that_fit_and_is_told_of_the_others(recorded: Path) -> None:
    with Terminal([*DBVIEW, "query", recorded, "FindPeaks"], columns=60) as terminal:
        header = terminal.wait_for("more columns do not fit").splitlines()[0]
    assert header.startswith("id  gen_cfg.experiment  gen_cfg.run")
    assert len(header) <= 60


def test_any_encoding_of_the_surroundings_will_do(recorded: Path) -> None:
    for encoding in ("ascii", "latin-1", "utf-8"):
        environment = {**ENVIRONMENT, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
        command = [*DBVIEW, "query", str(recorded), "FindPeaks", "--format", "markdown"]
        done = subprocess.run(command, env=environment, capture_output=True, check=True)
        assert "∅" in done.stdout.decode("utf-8")


MODULES = """
import sys
from dbview.cli import main
code = main(sys.argv[1:])
loaded = {"textual", "rich", "pydantic", "sqlite_utils"} & set(sys.modules)
sys.stderr.write(" ".join(sorted(loaded)))
sys.exit(code)
"""


@pytest.mark.parametrize(
    ("arguments", "loaded"),
    [
        (["query", "{}", "FindPeaks", "--format", "jsonl"], ""),
        (["tables", "{}", "--format", "csv"], "not listed: bookkeeping tables, 2 (--all lists them)\n"),
        (["show", "{}", "FindPeaks", "5", "--alone"], "rich"),
        (["tables", "{}", "--all"], "rich"),
    ],
)
def test_a_command_loads_only_what_it_needs(arguments: list[str], loaded: str, recorded: Path) -> None:
    command = [sys.executable, "-c", MODULES, *(argument.replace("{}", str(recorded)) for argument in arguments)]
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=True)
    assert done.stderr == loaded
